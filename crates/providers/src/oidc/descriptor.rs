use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    id: "oidc",
    label: "OpenID Connect",
    summary: "Any provider that publishes an OpenID Connect discovery document",
    strap: Strap { light: "#0f766e", dark: "#5fd3c6" },
    has_tenants: false,
    client_key: "client_id",
    endpoints: &[],
    methods: &[
        Method {
            id: "authorization-code",
            label: "Browser",
            default_scopes: &SCOPES,
            fields: &[
                ISSUER,
                CLIENT_ID,
                CLIENT_SECRET,
                CLIENT_KEY,
                CLIENT_AUTH,
                ASSERTION_AUDIENCE,
                DPOP,
                REDIRECT_HOST,
                REDIRECT_PATH,
                REDIRECT_PORTS,
            ],
        },
        Method {
            id: "device-code",
            label: "Code on another device",
            default_scopes: &SCOPES,
            fields: &[
                ISSUER,
                CLIENT_ID,
                CLIENT_SECRET,
                CLIENT_KEY,
                CLIENT_AUTH,
                ASSERTION_AUDIENCE,
                DPOP,
            ],
        },
    ],
};

const SCOPES: [&str; 3] = ["openid", "profile", "offline_access"];

const ISSUER: Field = Field {
    key: "issuer",
    kind: FieldKind::Url,
    required: true,
    label: "Issuer",
    help: "The provider's address, exactly as its discovery document names it",
    example: "https://id.example.com",
    default: None,
};

const CLIENT_ID: Field = Field {
    key: "client_id",
    kind: FieldKind::Text,
    required: false,
    label: "Client ID",
    help: "The id of the native app that is registered at the provider; without it Lanyard registers itself, where the provider allows that",
    example: "lanyard",
    default: None,
};

const CLIENT_SECRET: Field = Field {
    key: "client_secret",
    kind: FieldKind::SecretRef,
    required: false,
    label: "Client secret",
    help: "Where the secret is kept, if the provider insists on one",
    example: "{ keyring = \"company\" }",
    default: None,
};

const CLIENT_KEY: Field = Field {
    key: "client_key",
    kind: FieldKind::SecretRef,
    required: false,
    label: "Client key",
    help: "Where the private key in PEM form is kept (RSA or P-256), for private_key_jwt",
    example: "{ file = \"/home/maria/company.pem\" }",
    default: None,
};

const CLIENT_AUTH: Field = Field {
    key: "client_auth",
    kind: FieldKind::Choice(&[
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]),
    required: false,
    label: "Client authentication",
    help: "none, client_secret_basic, client_secret_post or private_key_jwt; without it what the provider offers for the secret or key",
    example: "private_key_jwt",
    default: None,
};

const ASSERTION_AUDIENCE: Field = Field {
    key: "assertion_audience",
    kind: FieldKind::Choice(&["issuer", "token-endpoint"]),
    required: false,
    label: "Assertion audience",
    help: "Whom a private_key_jwt is for: issuer, or token-endpoint for providers that take nothing else",
    example: "issuer",
    default: Some("issuer"),
};

const DPOP: Field = Field {
    key: "dpop",
    kind: FieldKind::Flag,
    required: false,
    label: "Bound tokens (DPoP)",
    help: "Tokens that work only with a proof for each request; ordinary tools cannot use them",
    example: "true",
    default: Some("false"),
};

const REDIRECT_HOST: Field = Field {
    key: "redirect_host",
    kind: FieldKind::Text,
    required: false,
    label: "Redirect host",
    help: "127.0.0.1, [::1] or localhost, as registered at the provider",
    example: "127.0.0.1",
    default: Some("127.0.0.1"),
};

const REDIRECT_PATH: Field = Field {
    key: "redirect_path",
    kind: FieldKind::Text,
    required: false,
    label: "Redirect path",
    help: "The path of the registered redirect URI",
    example: "/callback",
    default: Some("/callback"),
};

const REDIRECT_PORTS: Field = Field {
    key: "redirect_ports",
    kind: FieldKind::Ports,
    required: false,
    label: "Redirect ports",
    help: "Fixed ports, for providers that compare them; none lets the system choose",
    example: "[8400, 8401]",
    default: None,
};
