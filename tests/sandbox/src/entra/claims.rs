//! What Entra's tokens say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::entra::directory::Person;
use crate::entra::scopes::Access;
use crate::oauth::id_token::subject;
use crate::random;

/// Where and about whom a token is.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) issuer: String,
    pub(crate) tenant: &'static str,
    pub(crate) object_id: &'static str,
    pub(crate) person: &'static Person,
    pub(crate) client_id: &'static str,
    pub(crate) issued_at: i64,
    pub(crate) lifetime: i64,
}

impl Facts {
    /// Returns the claims of an ID token, without those that bind it to a sign-in.
    pub(crate) fn id_token(&self) -> Value {
        let mut claims = self.common();
        claims["aud"] = self.client_id.into();
        claims["ver"] = "2.0".into();
        claims["preferred_username"] = self.person.username.into();
        claims
    }

    /// Returns the claims of an access token, which are the resource's business and no client's.
    pub(crate) fn access_token(&self, access: &Access) -> Value {
        let permissions = access.scopes.iter().filter_map(|scope| scope.rsplit('/').next());
        let mut claims = self.common();
        claims["aud"] = access.resource.as_str().into();
        claims["appid"] = self.client_id.into();
        claims["ver"] = "1.0".into();
        claims["upn"] = self.person.username.into();
        claims["scp"] = permissions.collect::<Vec<_>>().join(" ").into();
        claims["uti"] = random::token("").into();
        claims
    }

    /// Returns `client_info`: the account at home, whichever tenant the token is for.
    pub(crate) fn client_info(&self) -> String {
        let (tenant, object_id) = self.person.home();
        URL_SAFE_NO_PAD.encode(json!({ "uid": object_id, "utid": tenant }).to_string())
    }

    fn common(&self) -> Value {
        json!({
            "iss": self.issuer,
            "iat": self.issued_at,
            "nbf": self.issued_at,
            "exp": self.issued_at + self.lifetime,
            "sub": subject(&format!("{} {}", self.client_id, self.object_id)),
            "tid": self.tenant,
            "oid": self.object_id,
            "name": self.person.name,
        })
    }
}
