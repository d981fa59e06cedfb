//! Scopes, which name a resource before the last slash.

use crate::entra::error::EntraError;

/// The resource of scopes that name none.
const GRAPH: &str = "https://graph.microsoft.com";

/// Resources that exist in each tenant; those of applications start with `api://`.
const RESOURCES: [&str; 5] = [
    GRAPH,
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://storage.azure.com",
    "https://vault.azure.net",
];

/// What an access token is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) resource: String,
    /// Full names of the permissions, as the answer gives them.
    pub(crate) scopes: Vec<String>,
}

/// Returns the one resource that `scopes` are about.
pub(crate) fn access(scopes: &[String]) -> Result<Access, EntraError> {
    let mut found: Option<Access> = None;
    for scope in scopes.iter().filter(|scope| !is_about_sign_in(scope)) {
        let (resource, permission) = split(scope);
        let access =
            found.get_or_insert_with(|| Access { resource: resource.into(), scopes: Vec::new() });
        if access.resource != resource {
            let text = "The scope is not valid because it contains more than one resource.";
            return Err(EntraError::new("invalid_scope", 28000, text));
        }
        access.scopes.push(format!("{resource}/{permission}"));
        if permission == ".default" {
            access.scopes.push(format!("{resource}/user_impersonation"));
        }
    }
    let access = found.unwrap_or_else(|| Access { resource: GRAPH.into(), scopes: signed_in() });
    if RESOURCES.contains(&access.resource.as_str()) || access.resource.starts_with("api://") {
        return Ok(access);
    }
    let text = format!("The resource principal named {} was not found.", access.resource);
    Err(EntraError::new("invalid_resource", 500_011, text))
}

fn split(scope: &str) -> (&str, &str) {
    // `https://management.azure.com//.default` is lawful too: that resource ends with a slash.
    let Some((resource, permission)) = scope.rsplit_once('/') else { return (GRAPH, scope) };
    (resource.strip_suffix('/').unwrap_or(resource), permission)
}

fn is_about_sign_in(scope: &str) -> bool {
    ["openid", "profile", "email", "offline_access"].contains(&scope)
}

fn signed_in() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resource_with_the_scopes_of_signing_in_is_lawful() {
        let found = of("openid https://management.azure.com/.default offline_access").unwrap();
        assert_eq!(found.resource, "https://management.azure.com");
    }

    #[test]
    fn two_resources_are_refused() {
        assert!(
            of("https://management.azure.com/.default https://vault.azure.net/.default").is_err()
        );
    }

    #[test]
    fn a_resource_that_nobody_registered_is_refused() {
        assert!(of("https://nowhere.example/.default").is_err());
    }

    #[test]
    fn a_bare_permission_is_about_graph() {
        assert_eq!(of("User.Read").unwrap().resource, GRAPH);
    }

    fn of(scopes: &str) -> Result<Access, EntraError> {
        access(&scopes.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }
}
