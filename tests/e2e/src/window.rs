use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::{Lanyard, project};

/// The real window, driven through its web view. It is closed with this.
#[derive(Debug)]
pub struct Window {
    driver: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Window {
    /// Opens it, and the broker before it. Its person signs in where it opens the system browser.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn open(lanyard: &Lanyard) -> Self {
        Self::open_with(lanyard, &[])
    }

    /// Opens it with more in its environment.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn open_with(lanyard: &Lanyard, env: &[(&str, &str)]) -> Self {
        lanyard.run(&["status"]).ok();
        let window = lanyard.beside("lanyard-app-under-test");
        let mut command = Command::new("node");
        command.arg(project("ui/e2e/remote.mjs")).arg(window.get_program());
        command.envs(window.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("LANYARD_LOG", "warn").envs(env.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut driver = command.spawn().expect("node is there");
        let input = driver.stdin.take();
        let output = BufReader::new(driver.stdout.take().expect("it is piped"));
        let mut window = Self { driver, input, output };
        window.answer("open");
        window.call("find", &json!(["header"]));
        window.call("listen", &json!([]));
        window
    }

    /// Waits until the headline contains these words.
    pub fn says(&mut self, words: &str) {
        self.shows("h1", words);
    }

    /// Waits until the first such element contains these words.
    pub fn shows(&mut self, selector: &str, words: &str) {
        self.call("waitForText", &json!([selector, words]));
    }

    /// Presses the button with this name.
    pub fn press(&mut self, name: &str) {
        self.call("press", &json!([name]));
    }

    /// Presses the first such element.
    pub fn press_on(&mut self, selector: &str) {
        let element = self.call("find", &json!([selector]));
        self.call("click", &json!([element]));
    }

    /// Returns the text of the page.
    pub fn text(&mut self) -> String {
        self.run("return document.body.innerText")
    }

    /// Returns the names of the buttons that can be pressed to sign in.
    pub fn ways_to_sign_in(&mut self) -> Vec<String> {
        let names = self.run(
            "return [...document.querySelectorAll('button:enabled')].map((button) => \
             button.ariaLabel ?? '').filter((name) => name.startsWith('Sign in: ')).join('\\n')",
        );
        names.lines().map(str::to_owned).collect()
    }

    /// Takes a picture, and finds nothing that keeps anybody from using what it shows.
    ///
    /// # Panics
    /// If axe finds something.
    pub fn is_pictured(&mut self, name: &str) {
        let folder = project("build/pictures/window");
        std::fs::create_dir_all(&folder).expect("the folder is writable");
        self.call("screenshot", &json!([folder.join(format!("{name}.png"))]));
        assert_eq!(self.call("axe", &json!([])), json!([]), "{name}");
    }

    /// Returns what the page was told, its headlines, and the whole page as it stands.
    pub fn recorded(&mut self) -> Value {
        self.call("recorded", &json!([]))
    }

    /// Returns the headlines, from the first.
    pub fn headlines(&mut self) -> Vec<String> {
        let headlines = self.recorded()["headlines"].take();
        serde_json::from_value(headlines).unwrap_or_default()
    }

    /// Returns whether the page shows itself in its dark colours.
    pub fn is_dark(&mut self) -> bool {
        self.run("return String(matchMedia('(prefers-color-scheme: dark)').matches)") == "true"
    }

    /// Returns the kind of element that has the focus.
    pub fn focused(&mut self) -> String {
        self.run("return document.activeElement.tagName")
    }

    fn run(&mut self, script: &str) -> String {
        self.call("run", &json!([script])).as_str().unwrap_or_default().to_owned()
    }

    fn call(&mut self, method: &str, args: &Value) -> Value {
        let input = self.input.as_mut().expect("it is open");
        let line = json!({ "method": method, "args": args });
        writeln!(input, "{line}").expect("the driver reads");
        self.answer(&line.to_string())
    }

    fn answer(&mut self, what: &str) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the driver can be read");
        let mut reply: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{what}: the driver ended"));
        if reply["error"].is_null() {
            return reply["value"].take();
        }
        let error = reply["error"].take();
        let page = if what == "open" { String::new() } else { self.text() };
        panic!("{what}: {error}\nThe page says:\n{page}");
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.driver.wait());
    }
}
