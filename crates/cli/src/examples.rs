//! The examples at the end of the commands' help.

pub(crate) const MAIN: &str = "\
Examples:
  lanyard profile add company --provider oidc    # asks for what it needs
  lanyard login company
  lanyard header company | curl -H @- https://api.example.com/v1/me

Where something does not work: lanyard doctor";

pub(crate) const LOGIN: &str = "\
Examples:
  lanyard login company
  lanyard login contoso --tenant fabrikam.com --username maria@contoso.com
  lanyard login company --no-browser    # on a machine without a browser";

pub(crate) const LOGOUT: &str = "\
Examples:
  lanyard logout company
  lanyard logout maria@contoso.com
  lanyard logout --all";

pub(crate) const STATUS: &str = "\
Examples:
  lanyard status --watch
  lanyard status --json | jq -r '.accounts[].state'";

pub(crate) const TOKEN: &str = "\
Examples:
  lanyard token company
  lanyard token contoso --resource https://vault.azure.net --min-valid 30m
  lanyard token company --wait 2m || echo 'nobody signed in'

A token as an argument of another program is visible to others: hand it on by standard input.";

pub(crate) const HEADER: &str = "\
Example:
  lanyard header company | curl -H @- https://api.example.com/v1/me";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  lanyard completions bash > ~/.local/share/bash-completion/completions/lanyard
  lanyard completions fish > ~/.config/fish/completions/lanyard.fish";

pub(crate) const MAN: &str = "\
Examples:
  lanyard man | man -l -
  lanyard man profile add | man -l -";

pub(crate) const DOCTOR: &str = "\
The exit code is 0 where nothing fails, also with warnings, and 1 where something does.

Examples:
  lanyard doctor
  lanyard doctor --json | jq '.[] | select(.state == \"fail\")'
  lanyard doctor --bundle report.txt    # for a bug report";

pub(crate) const PROFILE_ADD: &str = "\
Examples:
  lanyard profile add company --provider oidc --set issuer=https://id.example.com --set client_id=lanyard
  lanyard profile add contoso --provider entra --set tenant=contoso.com \\
    --set client_id=11111111-2222-3333-4444-555555555555";

pub(crate) const PROFILE_EDIT: &str = "\
Examples:
  lanyard profile edit company --set 'scopes=[\"openid\", \"offline_access\"]'
  lanyard profile edit company --set 'redirect_ports=[8400]' --unset client_secret";

pub(crate) const SECRET_SET: &str = "\
Example:
  pass show work/oidc-client | lanyard secret set company";
