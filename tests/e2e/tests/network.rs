//! Proxies and certificate authorities.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use lanyard_e2e::{Desk, Lanyard, on_desk};
use lanyard_sandbox::{Sandbox, Settings};
use tokio::runtime::Runtime;

/// Serves one discovery document over TLS, and prints its port.
const TLS: &str = "
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{\"issuer\":\"https://another.example\",\"authorization_endpoint\":\"https://a.example\",\"token_endpoint\":\"https://a.example\",\"jwks_uri\":\"https://a.example\"}'
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
";

#[test]
fn a_providers_certificate_has_to_come_from_a_known_authority() {
    on_desk(Desk::Usual, "a_providers_certificate_has_to_come_from_a_known_authority", |folder| {
        let (mut server, port, certificate) = tls_server(&folder);
        let profile = format!(
            "[profile.company]\nprovider = \"oidc\"\nissuer = \"https://127.0.0.1:{port}\"\nclient_id = \"x\"\n"
        );
        let lanyard = Lanyard::at(&folder, &profile);
        let untrusted = lanyard.run(&["login", "company", "--json"]);
        assert_eq!(
            (untrusted.code, code(&untrusted.json())),
            (6, "provider-unreachable"),
            "{untrusted:?}"
        );

        lanyard.end_broker("-TERM");
        let trusting = format!("{profile}[network]\nca_file = \"{certificate}\"\n");
        std::fs::write(lanyard.home().join("config.toml"), trusting).unwrap();
        let reached = lanyard.run(&["login", "company", "--json"]);
        assert_eq!((reached.code, code(&reached.json())), (9, "provider-refused"), "{reached:?}");

        lanyard.end_broker("-TERM");
        std::fs::write(lanyard.home().join("config.toml"), profile).unwrap();
        let mut login = lanyard.command(&["login", "company", "--json"]);
        let by_variable =
            lanyard_e2e::Answer::from(login.env("SSL_CERT_FILE", &certificate).output().unwrap());
        assert_eq!(by_variable.code, 9, "{by_variable:?}");
        server.kill().unwrap();
        server.wait().unwrap();
    });
}

#[test]
fn the_proxy_is_used_but_never_for_loopback() {
    on_desk(Desk::Usual, "the_proxy_is_used_but_never_for_loopback", |folder| {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(Settings::default())).unwrap();
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", proxy.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (stream, _) = proxy.accept().unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).unwrap();
            line
        });
        let config = format!(
            "{}\n[profile.far]\nprovider = \"oidc\"\nissuer = \"https://id.example\"\nclient_id = \"x\"\n",
            lanyard_sandbox::config::demo(&sandbox)
        );
        let lanyard = Lanyard::at(&folder, &config);
        let mut far = lanyard.command(&["login", "far", "--json"]);
        let far = lanyard_e2e::Answer::from(far.env("HTTPS_PROXY", address).output().unwrap());
        assert_eq!(far.code, 6, "{far:?}");
        assert_eq!(asked.join().unwrap().trim(), "CONNECT id.example:443 HTTP/1.1");
        lanyard.sign_in("company", "maria", "correct-horse").ok();
    });
}

fn tls_server(folder: &Path) -> (Child, String, String) {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"])
        .args([
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", key.to_str().unwrap(), "-out", certificate.to_str().unwrap()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let mut command = Command::new("python3");
    command.args(["-c", TLS]).arg(&certificate).arg(&key).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
    (server, port.trim().to_owned(), certificate.display().to_string())
}

fn code(answer: &serde_json::Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}
