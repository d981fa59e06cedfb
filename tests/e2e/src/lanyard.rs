use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{Installation, Person, browse, installed, program, views};

/// A home of its own, and the programs in it. The broker ends with it.
#[derive(Debug)]
pub struct Lanyard {
    home: PathBuf,
    program: PathBuf,
    path: Option<OsString>,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Answer {
    /// Returns standard output as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the answer of a command that must have worked.
    ///
    /// # Panics
    /// If it did not.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the check alone is often all that is wanted"
    )]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Lanyard {
    /// Makes a home with this config below `folder`, with what a terminal needs. Whoever runs the
    /// tests may be an agent; where the config does not say what that means, it means nothing.
    ///
    /// # Panics
    /// If the folder cannot be made.
    pub fn at(folder: &Path, config: &str) -> Self {
        let home = folder.join("lanyard");
        std::fs::DirBuilder::new().mode(0o700).create(&home).expect("the folder is new");
        let agents = match config.contains("[approval]") {
            true => "",
            false => "\n[approval]\nagents = \"allow\"\n",
        };
        let config = format!("{config}{agents}");
        let mut file = std::fs::OpenOptions::new();
        file.write(true).create_new(true).mode(0o600);
        let file = file.open(home.join("config.toml"));
        file.and_then(|mut file| file.write_all(config.as_bytes()))
            .expect("the folder is writable");
        Self { home, program: installed(Installation::Terminal).join("lanyard"), path: None }
    }

    /// Returns it with the window installed too.
    #[must_use]
    pub fn with_window(mut self) -> Self {
        self.program = installed(Installation::Desktop).join("lanyard");
        self
    }

    /// Returns it with this person's browser in the place of the system's.
    #[must_use]
    pub fn used_by(mut self, person: &Person) -> Self {
        self.path = Some(person.path());
        self
    }

    /// Returns it with another program, as it is built, in the place of `lanyard`.
    #[must_use]
    pub fn running(mut self, name: &str) -> Self {
        self.program = program(name);
        self
    }

    /// Returns it with the programs of another folder.
    #[must_use]
    pub fn with_programs(mut self, programs: &Path) -> Self {
        self.program = programs.join("lanyard");
        self
    }

    /// Returns the home's folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Returns a command of the program in this home. The broker writes all that it can into its log.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.beside("lanyard");
        command.args(args);
        command
    }

    /// Returns a command of a program that is installed beside.
    pub fn beside(&self, name: &str) -> Command {
        let program = match name {
            "lanyard" => self.program.clone(),
            other => self.program.with_file_name(other),
        };
        let mut command = Command::new(program);
        command.env("LANYARD_HOME", &self.home).env("LANYARD_LOG", "trace").stdin(Stdio::null());
        command.envs(self.path.iter().map(|path| ("PATH", path)));
        command
    }

    /// Calls the broker in the person's place.
    ///
    /// # Panics
    /// If the broker is not one under test.
    pub fn as_person(&self, method: &str, path: &str, body: &str) -> Value {
        socket_call(&self.home.join("person.sock"), method, path, body).1
    }

    /// Calls the broker as any program does, and returns the status too.
    pub fn as_anybody(&self, method: &str, path: &str, body: &str) -> (u32, Value) {
        socket_call(&self.home.join("lanyard.sock"), method, path, body)
    }

    /// Answers the question that waits first, in the person's place, and returns it.
    ///
    /// # Panics
    /// If none waits.
    pub fn answer(&self, answer: &str) -> Value {
        let prompt = self.as_person("GET", "/v1/prompts", "")[0].take();
        let id = prompt["id"].as_str().expect("a question waits");
        let body = format!("{{\"answer\":\"{answer}\"}}");
        let done = self.as_person("POST", &format!("/v1/prompts/{id}/answer"), &body);
        assert_eq!(done, serde_json::json!({}), "{prompt}");
        prompt
    }

    /// Runs a command.
    ///
    /// # Panics
    /// If the program cannot be started.
    pub fn run(&self, args: &[&str]) -> Answer {
        self.command(args).output().expect("the program starts").into()
    }

    /// Signs in through a profile, in a real browser.
    ///
    /// # Panics
    /// If that fails.
    pub fn sign_in(&self, profile: &str, user: &str, password: &str) -> Answer {
        let (mut login, url) = self.begin_login(profile);
        browse(&url, &["--user", user, "--password", password]);
        ended(&mut login)
    }

    /// Starts a login, and returns it with the page's address.
    ///
    /// # Panics
    /// If it prints no address.
    pub fn begin_login(&self, profile: &str) -> (Child, String) {
        let mut command = self.command(&["login", profile, "--no-browser"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut login = command.spawn().expect("the program starts");
        let mut url = String::new();
        let stdout = login.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut url).expect("it can be read");
        assert!(url.starts_with("http"), "no address: {url:?} {:?}", login.wait_with_output());
        (login, url.trim().to_owned())
    }

    /// Returns the broker's process id.
    ///
    /// # Panics
    /// If it is not known.
    pub fn broker_pid(&self) -> i32 {
        let status = self.run(&["status", "--json"]).ok().json();
        status["broker"]["pid"]
            .as_i64()
            .and_then(|pid| i32::try_from(pid).ok())
            .expect("it has one")
    }

    /// Returns the process that holds the cache, without a call, which would start one.
    pub fn holder(&self) -> i32 {
        let pid = std::fs::read_to_string(self.home.join("cache.db.lock")).unwrap_or_default();
        pid.trim().parse().unwrap_or_default()
    }

    /// Sends the broker a signal, and waits until it is gone.
    ///
    /// # Panics
    /// If it stays.
    pub fn end_broker(&self, signal: &str) {
        let pid = self.broker_pid();
        if signal == "-TERM" {
            end_views(pid);
        }
        let pid = pid.to_string();
        let killed = Command::new("kill").args([signal, &pid]).status().expect("kill is there");
        assert!(killed.success());
        for _ in 0..500 {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if state.is_empty() || state.contains(") Z ") {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the broker is still there after {signal}");
    }
}

impl Drop for Lanyard {
    fn drop(&mut self) {
        let pid = self.holder();
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        if program.parent() == self.program.parent() {
            end_views(pid);
            drop(Command::new("kill").arg(pid.to_string()).status());
        }
    }
}

/// Ends tray and window, which would start the broker again.
fn end_views(broker: i32) {
    let views = views(broker);
    for view in [views.tray, views.window].into_iter().flatten() {
        drop(Command::new("kill").args(["-KILL", &view.to_string()]).status());
    }
}

/// Makes a call with curl, and returns the HTTP status with the JSON of the answer.
///
/// # Panics
/// If nobody answers.
pub fn socket_call(socket: &Path, method: &str, path: &str, body: &str) -> (u32, Value) {
    let mut command = Command::new("curl");
    command.args(["-sS", "-m", "20", "-X", method, "-w", "\n%{http_code}", "--unix-socket"]);
    command.arg(socket).args(["-d", body, &format!("http://lanyard{path}")]);
    let answer = Answer::from(command.output().expect("curl is there")).ok();
    let (body, status) = answer.out.rsplit_once('\n').expect("curl ends with the status");
    (status.parse().expect("it is a number"), serde_json::from_str(body).unwrap_or_default())
}

/// Waits for a command's end, and returns what it answered.
///
/// # Panics
/// If it does not end within a minute.
pub fn ended(child: &mut Child) -> Answer {
    if let Some(mut stdin) = child.stdin.take() {
        drop(stdin.flush());
    }
    for _ in 0..6000 {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            let read = |pipe: Option<&mut dyn std::io::Read>| {
                let mut text = String::new();
                pipe.map(|pipe| pipe.read_to_string(&mut text));
                text
            };
            let out = read(child.stdout.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
            let err = read(child.stderr.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
            return Answer { code: status.code().unwrap_or(-1), out, err };
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(child.kill());
    panic!("it did not end");
}
