use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use lanyard_e2e::{Answer, Lanyard, OidcProvider, ended, program};

use crate::dice::Dice;
use crate::proxy::{Proxy, Rotation, Weather};
use crate::trouble::{Trouble, broker, kill, pid_of, suspend};
use crate::{Tally, clock, sign_in::sign_in};

/// How many seconds a token lives.
const LIFETIME: u32 = 600;

/// How often a token is asked for after the trouble. Between two times the clock moves on, because
/// the provider may have asked to be left alone.
const TRIES: u32 = 6;

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What chance begins with: the same number, the same troubles.
    pub seed: u64,
    /// For how many seconds the provider takes a grant again that it has replaced.
    pub grace: u32,
}

/// A sign-in, its programs and its provider, under fire.
#[derive(Debug)]
pub struct Ordeal {
    plan: Plan,
    dice: Dice,
    folder: PathBuf,
    lanyard: Lanyard,
    provider: OidcProvider,
    proxy: Proxy,
    /// Whether nobody heard of the last rotation at the provider.
    is_unanswered: bool,
    wrong_by: i64,
    last: String,
    tally: Tally,
}

impl Ordeal {
    /// Signs in.
    ///
    /// # Panics
    /// If provider or programs do not come up.
    pub fn begin(folder: &Path, plan: Plan) -> Self {
        let proxy = Proxy::start();
        let (issuer, grace) = (proxy.address(), plan.grace.to_string());
        let provider = OidcProvider::with(LIFETIME, &["--issuer", &issuer, "--grace", &grace]);
        proxy.leads_to(&provider.address);
        let lanyard = Lanyard::at(folder, &provider.config()).with_programs(&programs(folder));
        clock::set(lanyard.home(), 0);
        sign_in(&lanyard, folder);
        let (folder, dice) = (folder.to_owned(), Dice::of(plan.seed));
        let (last, tally) = (String::new(), Tally::default());
        Self {
            plan,
            dice,
            folder,
            lanyard,
            provider,
            proxy,
            is_unanswered: false,
            wrong_by: 0,
            last,
            tally,
        }
    }

    /// Lets one token run out under fire, and looks whether the sign-in is still there.
    pub fn expire(&mut self) {
        self.tally.expiries += 1;
        let before = self.proxy.rotations().len();
        self.move_clock(i64::from(LIFETIME) + 60);
        let trouble = Trouble::any(&mut self.dice);
        self.proxy.set(trouble.weather());
        let mut clients = self.start_clients();
        self.strike(trouble, &mut clients);
        let seen: Vec<String> =
            clients.iter_mut().filter_map(|client| token(&ended(client))).collect();
        self.proxy.set(Weather::Clear);
        if seen.contains(&self.last) {
            self.lose(trouble, "a token that was over was given");
        }
        self.recover(trouble, before, &seen);
    }

    /// Returns what was done so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Returns how many grants the provider ended because an old one was used again.
    pub fn ended_at_provider(&self) -> u64 {
        self.provider.counts()["revoked_grants"].as_u64().unwrap_or(u64::MAX)
    }

    fn start_clients(&mut self) -> Vec<Child> {
        let calls: [&[&str]; 4] = [
            &["token", "--json"],
            &["token", "--json"],
            &["token", "--json", "--force"],
            &["status", "--json"],
        ];
        let calls: Vec<_> = (0..=self.dice.below(4)).map(|_| self.dice.pick(&calls)).collect();
        let start = |call: &&[&str]| {
            let mut command = self.lanyard.command(call);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the program starts")
        };
        calls.iter().map(start).collect()
    }

    fn strike(&mut self, trouble: Trouble, clients: &mut [Child]) {
        std::thread::sleep(Duration::from_millis(self.dice.below(60)));
        let length = Duration::from_millis(10 + self.dice.below(200));
        let broker = broker(self.lanyard.home());
        match trouble {
            Trouble::None => {}
            Trouble::Outage(_) => self.tally.outages += 1,
            Trouble::KillBroker => self.kill_broker(),
            Trouble::KillInOutage(_) => {
                self.tally.outages += 1;
                std::thread::sleep(length / 2);
                self.kill_broker();
            }
            Trouble::KillClients => {
                self.tally.killed_clients += 1;
                drop(clients[0].kill());
            }
            Trouble::SuspendBroker => {
                self.tally.suspended += 1;
                if let Some(pid) = broker {
                    suspend(pid, length);
                }
            }
            Trouble::SuspendClients => {
                self.tally.suspended += 1;
                clients.iter().filter_map(pid_of).for_each(|pid| suspend(pid, length));
            }
            Trouble::Jump(hours) => {
                self.tally.jumps += 1;
                self.move_clock(hours * 3600);
            }
        }
    }

    fn kill_broker(&mut self) {
        if let Some(pid) = broker(self.lanyard.home()) {
            self.tally.killed_brokers += 1;
            kill(pid);
        }
    }

    fn recover(&mut self, trouble: Trouble, before: usize, seen: &[String]) {
        let rotations = self.proxy.rotations();
        let last = rotations.get(before..).and_then(<[Rotation]>::last);
        // What a client has seen was on the disk: only the rest may be gone.
        let unanswered = last.is_some_and(|last| {
            !seen.contains(&last.access_token) && (!last.delivered || trouble.kills_broker())
        });
        self.tally.unanswered += u32::from(unanswered);
        // A token that is still good hides the loss until the next round needs the grant.
        if last.is_some() {
            self.is_unanswered = unanswered;
        }
        for _ in 0..TRIES {
            let answer = self.lanyard.run(&["token", "--json"]);
            match (answer.code, token(&answer)) {
                (0, Some(token)) if token == self.last => {
                    return self.lose(trouble, "a token that was over was given");
                }
                (0, Some(token)) => {
                    self.last = token;
                    return;
                }
                (3, _) if self.is_unanswered && self.plan.grace == 0 => {
                    self.tally.in_window += 1;
                    return self.sign_in_again();
                }
                (3, _) => {
                    self.lose(trouble, &answer.err);
                    return self.sign_in_again();
                }
                _ => self.move_clock(60),
            }
        }
        self.lose(trouble, "no token came after the trouble was over");
    }

    /// A sign-in needs the right time: the provider's ID token is checked against it.
    fn sign_in_again(&mut self) {
        self.is_unanswered = false;
        self.move_clock(-self.wrong_by);
        sign_in(&self.lanyard, &self.folder);
    }

    #[expect(clippy::print_stderr, reason = "hours may pass before the report")]
    fn lose(&mut self, trouble: Trouble, what: &str) {
        let (round, seed) = (self.tally.expiries, self.plan.seed);
        let lost = format!("{trouble:?} in round {round} of seed {seed}: {what}");
        eprintln!("LOST: {lost}");
        self.tally.lost.push(lost);
    }

    fn move_clock(&mut self, seconds: i64) {
        self.wrong_by += seconds;
        clock::set(self.lanyard.home(), self.wrong_by);
    }
}

/// Returns a folder with the real `lanyard`, and beside it a daemon whose clock can be set.
fn programs(folder: &Path) -> PathBuf {
    let programs = folder.join("bin");
    std::fs::create_dir(&programs).expect("the folder is new");
    let copy = |from: &str, to: &str| {
        let (from, to) = (program(from), programs.join(to));
        if std::fs::hard_link(&from, &to).is_err() {
            std::fs::copy(&from, &to).expect("the programs are built");
        }
    };
    copy("lanyard", "lanyard");
    copy("lanyard-with-clock", "lanyard-daemon");
    programs
}

fn token(answer: &Answer) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(&answer.out).ok()?;
    json["token"].as_str().map(str::to_owned)
}
