use lanyard_core::descriptor::{Descriptor, Field, FieldKind, Method, Strap};

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    id: "entra",
    label: "Microsoft Entra",
    summary: "Work and school accounts of Microsoft Entra ID, for Azure and Microsoft 365",
    strap: Strap { light: "#2463c7", dark: "#7fb0ff" },
    has_tenants: true,
    client_key: "client_id",
    endpoints: &["authority"],
    methods: &[
        Method {
            id: "authorization-code",
            label: "Browser",
            default_scopes: &SCOPES,
            fields: &[TENANT, CLIENT_ID, AUTHORITY, REDIRECT_PATH, REDIRECT_PORTS],
        },
        Method {
            id: "device-code",
            label: "Code on another device",
            default_scopes: &SCOPES,
            fields: &[TENANT, CLIENT_ID, AUTHORITY],
        },
    ],
};

const SCOPES: [&str; 1] = ["https://management.azure.com/.default"];

const TENANT: Field = Field {
    key: "tenant",
    kind: FieldKind::Text,
    required: false,
    label: "Tenant",
    help: "The directory's domain or id; organizations takes any work account",
    example: "contoso.onmicrosoft.com",
    default: Some("organizations"),
};

const CLIENT_ID: Field = Field {
    key: "client_id",
    kind: FieldKind::Text,
    required: true,
    label: "Client ID",
    help: "The application id of the public client that is registered in Entra",
    example: "11111111-2222-3333-4444-555555555555",
    default: None,
};

const AUTHORITY: Field = Field {
    key: "authority",
    kind: FieldKind::Url,
    required: false,
    label: "Authority",
    help: "The cloud's sign-in address",
    example: "https://login.microsoftonline.com",
    default: Some("https://login.microsoftonline.com"),
};

const REDIRECT_PATH: Field = Field {
    key: "redirect_path",
    kind: FieldKind::Text,
    required: false,
    label: "Redirect path",
    help: "The path of the registered http://localhost redirect URI",
    example: "/",
    default: Some("/"),
};

const REDIRECT_PORTS: Field = Field {
    key: "redirect_ports",
    kind: FieldKind::Ports,
    required: false,
    label: "Redirect ports",
    help: "Fixed ports; none lets the system choose, which Entra allows for localhost",
    example: "[8400]",
    default: None,
};
