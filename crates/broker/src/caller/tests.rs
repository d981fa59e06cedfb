//! Attacks on recognition, by real processes. Each is started by none of the test's own ancestors:
//! those could be an agent or sshd.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use lanyard_core::Caller;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::held::{CHANGED, ENDED, Held};
use super::process::Process;
use super::recognise::{Recognised, Recogniser};

/// Connects, and waits for a line: the program to go on as, or the end.
const CLIENT: &str = r#"use Socket; BEGIN { $^F = 255 } $0 = $ARGV[0] if @ARGV;
socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un("the.sock")) or die;
my $line = <STDIN> // exit; chomp $line; exec split(/ /, $line);
"#;

#[tokio::test]
async fn a_script_is_known_by_its_file_and_its_content() {
    let world = World::new();
    let first = world.caller("perl client.pl").await;
    assert_eq!(first.name(), "perl client.pl");
    assert_eq!(first.folder.as_deref(), Some(world.dir()));
    assert!(first.is_known() && first.terminal.is_none(), "{first:?}");
    assert_eq!(world.caller("perl ./client.pl").await.key(), first.key());
    world.write("client.pl", &format!("{CLIENT} # changed"));
    let changed = world.caller("perl client.pl").await;
    assert!(changed.key().is_some() && changed.key() != first.key());
}

#[tokio::test]
async fn code_without_a_file_is_never_remembered() {
    let world = World::new();
    world.write("run.sh", "perl -e \"$(cat client.pl)\"");
    let caller = world.caller("sh run.sh").await;
    assert_eq!((caller.name().as_str(), caller.is_known(), caller.key()), ("perl", true, None));
    world.write("pipe.sh", "(cat client.pl; echo __END__; cat) | perl");
    let piped = world.caller("sh pipe.sh").await;
    assert_eq!(piped.name(), "perl");
    assert!(piped.runs_unseen_code && piped.key().is_none());
}

#[tokio::test]
async fn connect_then_exec_makes_an_unknown_program() {
    let world = World::new();
    let mut visit = world.visit("perl client.pl").await;
    visit.go_on_as("sleep 30");
    assert_eq!(world.recognise(&visit).caller, Caller::unknown(CHANGED));
}

#[tokio::test]
async fn connect_then_exec_of_the_same_interpreter_is_noticed() {
    let world = World::new();
    world.write("good.pl", "<STDIN>");
    let mut visit = world.visit("perl client.pl").await;
    visit.go_on_as("perl good.pl");
    assert_eq!(world.recognise(&visit).caller, Caller::unknown(CHANGED));
}

#[tokio::test]
async fn exec_after_the_first_call_is_noticed() {
    let world = World::new();
    let mut visit = world.visit("perl client.pl").await;
    let recognised = world.recognise(&visit);
    assert!(recognised.caller.is_known());
    assert_eq!(recognised.check(&visit.peer), Ok(()));
    visit.go_on_as("sleep 30");
    assert_eq!(recognised.check(&visit.peer), Err(CHANGED));
}

#[tokio::test]
async fn a_peer_that_ended_is_unknown() {
    let world = World::new();
    let visit = world.visit("perl client.pl").await;
    let peer = visit.end();
    assert_eq!(Recogniser::default().recognise(&peer).caller, Caller::unknown(ENDED));
    let listener = world.listen();
    let mut gone = world.start("perl client.pl");
    drop(gone.stdin.take());
    gone.wait().unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    world.ended(&mut stream).await;
    assert_eq!(Held::peer(&stream).unwrap_err(), ENDED);
}

#[tokio::test]
async fn a_deleted_executable_is_unknown() {
    let world = World::new();
    world.program("tool");
    let visit = world.visit("./tool client.pl").await;
    fs::remove_file(world.path("tool")).unwrap();
    let caller = world.recognise(&visit).caller;
    assert_eq!(caller.unknown, Some("its executable was deleted"));
    assert_eq!((caller.name().as_str(), caller.key()), ("tool", None));
}

#[tokio::test]
async fn a_replaced_executable_is_unknown() {
    let world = World::new();
    world.program("tool");
    let visit = world.visit("./tool client.pl").await;
    world.program("other");
    fs::rename(world.path("other"), world.path("tool")).unwrap();
    let caller = world.recognise(&visit).caller;
    assert_eq!(caller.unknown, Some("its executable was replaced"));
}

#[tokio::test]
async fn a_link_kept_to_a_replaced_executable_does_not_help() {
    let world = World::new();
    world.program("tool");
    let visit = world.visit("./tool client.pl").await;
    fs::hard_link(world.path("tool"), world.path("kept")).unwrap();
    world.program("other");
    fs::rename(world.path("other"), world.path("tool")).unwrap();
    assert_eq!(world.recognise(&visit).caller.unknown, Some("its executable was replaced"));
}

#[tokio::test]
async fn other_namespaces_are_unknown() {
    let world = World::new();
    let alone = |name: &str| match rustix::process::geteuid().is_root() {
        true => format!("unshare {name}"),
        false => format!("unshare -Ur {name}"),
    };
    for namespace in ["unshare -Ur".to_owned(), alone("-m"), alone("-pf")] {
        let caller = world.caller(&format!("{namespace} perl client.pl")).await;
        assert_eq!(caller.unknown, Some("it runs in a container or sandbox"), "{namespace}");
        assert_eq!((caller.is_known(), caller.key()), (false, None));
    }
}

#[tokio::test]
async fn who_comes_by_ssh_is_unknown() {
    let world = World::new();
    world.program("sshd");
    world.write("session.pl", "system 'sh', '-c', 'perl client.pl; true'");
    let caller = world.caller("./sshd session.pl").await;
    assert_eq!(caller.unknown, Some("it came in by ssh"));
}

#[tokio::test]
async fn a_line_too_long_to_look_at_is_unknown() {
    let world = World::new();
    let nest = "if [ $1 = 0 ]; then perl client.pl; else sh nest.sh $(($1 - 1)); fi; true";
    world.write("nest.sh", nest);
    assert!(world.caller("sh nest.sh 9").await.is_known());
    let caller = world.caller("sh nest.sh 70").await;
    assert_eq!(caller.unknown, Some("too many processes stand behind it"));
}

#[tokio::test]
async fn an_agent_is_recognised_through_two_levels_of_parents() {
    let world = World::new();
    world.program("claude");
    world.write("agent.pl", "system 'bash', '-c', q(sh -c 'perl client.pl; true'; true)");
    let caller = world.caller("./claude agent.pl").await;
    let names: Vec<&str> = caller.ancestors.iter().map(|one| one.name.as_str()).collect();
    assert!(matches!(names[..], ["sh" | "dash" | "bash", "bash", "claude", ..]), "{names:?}");
    let claude = caller.ancestors[2].pid;
    assert_eq!(caller.agent(&[]), Some(format!("claude (process {claude})")));
}

#[tokio::test]
async fn an_agent_is_recognised_by_its_interpreters_script() {
    let world = World::new();
    fs::create_dir_all(world.path("node_modules/@openai/codex/bin")).unwrap();
    let script = "node_modules/@openai/codex/bin/run.pl";
    world.write(script, "system 'sh', '-c', 'perl client.pl; true'");
    std::os::unix::fs::symlink(script, world.path("helper")).unwrap();
    let caller = world.caller("perl helper").await;
    assert!(caller.agent(&[]).unwrap().starts_with("codex (process "));
}

#[tokio::test]
async fn the_list_of_agents_can_be_extended() {
    let world = World::new();
    world.program("my-bot");
    world.write("bot.pl", "system 'sh', '-c', 'perl client.pl; true'");
    let caller = world.caller("./my-bot bot.pl").await;
    assert!(caller.agent(&["my-bot".into()]).unwrap().starts_with("my-bot (process "));
}

#[tokio::test]
async fn a_program_that_calls_itself_an_agent_only_loses() {
    let world = World::new();
    let plain = world.caller("perl client.pl").await;
    let named = world.caller("perl client.pl claude").await;
    assert!(plain.key().is_some());
    assert!(named.agent(&[]).unwrap().starts_with("claude (process "));
    assert_eq!(named.key(), None);
}

#[tokio::test]
async fn a_pty_makes_no_difference() {
    let world = World::new();
    world.program("claude");
    world.write("plain.pl", "system 'perl', 'client.pl'");
    world.write("pty.pl", "system 'script', '-qec', 'perl client.pl', '/dev/null'");
    let plain = world.caller("./claude plain.pl").await;
    let pty = world.caller("./claude pty.pl").await;
    assert!(plain.terminal.is_none());
    assert!(pty.terminal.as_deref().is_some_and(|name| name.starts_with("pts/")), "{pty:?}");
    assert_eq!(plain.key(), pty.key());
    for caller in [plain, pty] {
        assert!(caller.agent(&[]).unwrap().starts_with("claude (process "));
    }
}

#[tokio::test]
async fn behind_the_own_command_line_stands_its_parent_and_is_held() {
    let mut world = World::new();
    world.recogniser.own = vec![world.path("lanyard")];
    world.program("lanyard");
    world.program("tool");
    world.write("tool.pl", "system 'sh', '-c', './lanyard client.pl; true'; exec 'sleep', '30'");
    let mut visit = world.visit("./tool tool.pl").await;
    let recognised = world.recognise(&visit);
    assert_eq!(recognised.caller.name(), "tool");
    let tool = recognised.caller.pid.unwrap();
    assert_ne!(tool, visit.peer.process.pid);
    assert_eq!(recognised.check(&visit.peer), Ok(()));
    drop(visit.stdin.take());
    until(|| Process::read(tool).is_none_or(|now| now.name() == "sleep"));
    assert!(recognised.check(&visit.peer).is_err());
    rustix::process::kill_process(pid(tool), rustix::process::Signal::KILL).unwrap();
}

#[tokio::test]
async fn a_copy_of_the_own_command_line_is_a_program_like_any_other() {
    let mut world = World::new();
    world.program("installed");
    world.recogniser.own = vec![world.path("installed")];
    world.program("lanyard");
    world.write("tool.pl", "system './lanyard', 'client.pl'");
    assert_eq!(world.caller("perl tool.pl").await.name(), "lanyard");
}

#[tokio::test]
async fn whoever_left_the_own_command_line_behind_cannot_be_told() {
    let mut world = World::new();
    world.recogniser.own = vec![world.path("lanyard")];
    world.program("lanyard");
    let caller = world.caller("./lanyard client.pl").await;
    assert_eq!(caller.unknown, Some("whoever started lanyard cannot be told"));
}

/// The number really passes to another process, in a namespace in which nobody else takes numbers.
#[tokio::test]
async fn a_reused_process_number_is_noticed() {
    if std::process::id() != 1 {
        let map = if rustix::process::geteuid().is_root() { "-p" } else { "-Urp" };
        let name = "caller::tests::a_reused_process_number_is_noticed";
        let mut inner = Command::new("unshare");
        inner.args([map, "-f", "--mount-proc"]).arg(std::env::current_exe().unwrap());
        let output = inner.args(["--exact", name, "--nocapture"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let world = World::new();
    let listener = world.listen();
    let mut client = Command::new("perl");
    client.arg("client.pl").current_dir(world.dir()).stdin(Stdio::piped());
    let mut client = client.spawn().unwrap();
    let (stream, _) = timeout(WAIT, listener.accept()).await.unwrap().unwrap();
    let peer = Held::peer(&stream).unwrap();
    assert_eq!(peer.process.pid, client.id());
    drop(client.stdin.take());
    client.wait().unwrap();
    let mut other = reuse(peer.process.pid);
    assert!(Process::read(peer.process.pid).is_some(), "the number is in use again");
    assert_eq!(Recogniser::default().recognise(&peer).caller, Caller::unknown(ENDED));
    other.kill().unwrap();
    other.wait().unwrap();
}

/// Starts a process that gets this number.
fn reuse(number: u32) -> Child {
    for _ in 0..100 {
        fs::write("/proc/sys/kernel/ns_last_pid", (number - 1).to_string()).unwrap();
        let mut child = Command::new("sleep").arg("30").spawn().unwrap();
        if child.id() == number {
            return child;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    panic!("nobody got the number {number}");
}

/// Longest wait for a process to do its part.
const WAIT: Duration = Duration::from_secs(20);

/// A folder with programs of its own, and the recogniser that looks at them.
struct World {
    dir: TempDir,
    root: PathBuf,
    recogniser: Recogniser,
}

/// A connection of a program in the world.
struct Visit {
    peer: Held,
    stdin: Option<ChildStdin>,
    _stream: UnixStream,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let world = Self { dir, root, recogniser: Recogniser::default() };
        world.write("client.pl", CLIENT);
        world
    }

    fn dir(&self) -> &Path {
        &self.root
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Makes a program that is perl under another name.
    fn program(&self, name: &str) {
        fs::copy("/usr/bin/perl", self.path(name)).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o700)).unwrap();
    }

    fn listen(&self) -> UnixListener {
        let path = self.dir.path().join("the.sock");
        drop(fs::remove_file(&path));
        UnixListener::bind(path).unwrap()
    }

    fn start(&self, line: &str) -> Child {
        let line = format!("exec setsid --fork {line}");
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(&self.root).stdin(Stdio::piped());
        command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    async fn visit(&self, line: &str) -> Visit {
        let listener = self.listen();
        let mut child = self.start(line);
        let stdin = child.stdin.take();
        child.wait().unwrap();
        let accepted = timeout(WAIT, listener.accept()).await;
        let (stream, _) = accepted.unwrap_or_else(|_| panic!("{line}: nobody came")).unwrap();
        let peer = Held::peer(&stream).unwrap();
        Visit { peer, stdin, _stream: stream }
    }

    fn recognise(&self, visit: &Visit) -> Recognised {
        self.recogniser.recognise(&visit.peer)
    }

    async fn caller(&self, line: &str) -> Caller {
        let visit = self.visit(line).await;
        self.recognise(&visit).caller
    }

    /// Waits until the other end is gone.
    async fn ended(&self, stream: &mut UnixStream) {
        assert_eq!(timeout(WAIT, stream.read(&mut [0; 1])).await.unwrap().unwrap(), 0);
        let pid = u32::try_from(stream.peer_cred().unwrap().pid().unwrap()).unwrap();
        until(|| Process::read(pid).is_none());
    }
}

impl Visit {
    /// Has the client run another program, with the connection still open.
    fn go_on_as(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
        let arguments: Vec<&str> = line.split(' ').collect();
        let process = self.peer.process.clone();
        until(|| process.arguments() == arguments);
    }

    /// Ends the client.
    fn end(self) -> Held {
        drop(self.stdin);
        let pid = self.peer.process.pid;
        until(|| Process::read(pid).is_none());
        self.peer
    }
}

fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not come about");
}

fn pid(number: u32) -> rustix::process::Pid {
    rustix::process::Pid::from_raw(number.cast_signed()).unwrap()
}
