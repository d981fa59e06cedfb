use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::spawn;

/// Leads a loopback port to a Unix socket, for programs that speak TCP only, and returns the port's
/// address. The thread ends with the process.
///
/// # Panics
/// If no port is free.
pub fn forward(socket: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let socket = PathBuf::from(socket);
    spawn(move || {
        for client in listener.incoming().flatten() {
            let socket = socket.clone();
            spawn(move || drop(pass_on(client, &socket)));
        }
    });
    format!("http://{address}")
}

fn pass_on(client: TcpStream, socket: &Path) -> std::io::Result<()> {
    let server = UnixStream::connect(socket)?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    spawn(move || {
        drop(copy(&mut from, &mut to));
        to.shutdown(Shutdown::Write)
    });
    let (mut from, mut to) = (server, client);
    drop(copy(&mut from, &mut to));
    to.shutdown(Shutdown::Both)
}
