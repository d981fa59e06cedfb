//! Tenants, people and applications.

use crate::redirect::Redirect;
use crate::settings::Client;

/// The registered public client.
pub const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";

/// The domain of the first tenant.
pub const TENANT: &str = "contoso.onmicrosoft.com";

/// An organisation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) name: &'static str,
}

/// A person, at home in the first tenant of the list and a guest in the others.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
    pub(crate) name: &'static str,
    /// Tenant id and the person's object id there.
    pub(crate) memberships: &'static [(&'static str, &'static str)],
}

const CONTOSO: &str = "c0ffee00-1111-4a4a-8b8b-000000000001";
const FABRIKAM: &str = "fab51ca0-2222-4a4a-8b8b-000000000002";

/// All tenants.
pub(crate) const TENANTS: [Tenant; 2] = [
    Tenant { id: CONTOSO, domain: TENANT, name: "Contoso" },
    Tenant { id: FABRIKAM, domain: "fabrikam.onmicrosoft.com", name: "Fabrikam" },
];

/// All people.
pub(crate) const USERS: [Person; 2] = [
    Person {
        username: "maria.klein@contoso.com",
        password: "correct-horse",
        name: "Maria Klein",
        memberships: &[
            (CONTOSO, "0b1ec700-aaaa-4a4a-8b8b-000000000011"),
            (FABRIKAM, "0b1ec700-bbbb-4a4a-8b8b-000000000012"),
        ],
    },
    Person {
        username: "omar@fabrikam.com",
        password: "battery-staple",
        name: "Omar Haddad",
        memberships: &[(FABRIKAM, "0b1ec700-cccc-4a4a-8b8b-000000000021")],
    },
];

impl Person {
    /// Returns the tenant and object id of the person's home.
    pub(crate) fn home(&self) -> (&'static str, &'static str) {
        self.memberships[0]
    }

    /// Returns the person's object id in a tenant.
    pub(crate) fn object_id(&self, tenant: &str) -> Option<&'static str> {
        self.memberships.iter().find(|(id, _)| *id == tenant).map(|(_, object)| *object)
    }
}

/// Says whether `segment` of a path stands for the home tenant of whoever signs in.
pub(crate) fn is_shared(segment: &str) -> bool {
    segment == "common" || segment == "organizations"
}

/// Returns the tenant that `segment` of a path names by id or domain.
pub(crate) fn find_tenant(segment: &str) -> Option<&'static Tenant> {
    let names = |tenant: &&Tenant| {
        tenant.id.eq_ignore_ascii_case(segment) || tenant.domain.eq_ignore_ascii_case(segment)
    };
    TENANTS.iter().find(names)
}

/// Returns a person; usernames ignore case.
pub(crate) fn find_person(username: &str) -> Option<&'static Person> {
    USERS.iter().find(|person| person.username.eq_ignore_ascii_case(username))
}

/// Returns what the login page calls a tenant.
pub(crate) fn display_name(segment: &str) -> &'static str {
    find_tenant(segment).map_or("your organisation", |tenant| tenant.name)
}

/// Returns the registered applications.
pub(crate) fn clients() -> [Client; 1] {
    let paths = ["/", "/callback"];
    let redirects = paths.map(|path| Redirect::Loopback { path: path.into() });
    [Client { id: CLIENT_ID.into(), secret: None, key: None, redirects: redirects.to_vec() }]
}
