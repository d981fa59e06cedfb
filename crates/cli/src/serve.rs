//! Assembles the broker: config, keys, cache, providers, engine, server.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use lanyard_broker::{Doors, Info, LoopbackCallbacks, OwnUserListener, ViewPrograms, Views};
use lanyard_cache::{Cache, WriterLock, private_folder};
use lanyard_core::config::{Config, Network};
use lanyard_core::provider::SecretSource;
use lanyard_core::{Code, DAEMON, Failure, Home, WINDOW, program_places};
use lanyard_engine::{Engine, Parts, Vault};
use lanyard_harden::Launcher;
use lanyard_providers::Http;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::environment::Providers;
use crate::hardening::Hardened;
use crate::session::{self, Buses};
use crate::vault::KeyVault;
use crate::{Setup, config_file, secrets::Secrets};

/// A log larger than this is kept as `broker.log.1` and begun anew at start.
const LARGEST_LOG: u64 = 4 << 20;

/// How long calls that were begun may go on after the broker was told to stop.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Libraries that could write what they send into a log of every detail.
const QUIET: &str = "h2=info,hpack=info,hyper=info,rustls=info,reqwest=info";

/// Runs the broker until it is told to stop. `listening` is called once it listens.
pub(crate) fn run(
    setup: &Setup,
    providers: Providers,
    listening: impl FnOnce(),
) -> Result<(), Failure> {
    let mut hardened = Hardened::begin()?;
    let home = setup.home()?;
    let private = |path: &Path| private_folder(path.parent().unwrap_or(Path::new("/")));
    private(&home.cache)
        .and_then(|()| private(&home.socket))
        .map_err(|error| error.to_failure())?;
    let _lock = WriterLock::take(&home.cache).map_err(|error| error.to_failure())?;
    log_to_file(setup, &home)?;
    let config = config_file::load(&home.config, setup.descriptors)?;
    hardened.confine(&home);
    let vault = Arc::new(KeyVault::new(&home, setup.descriptors, &config));
    let cache = open_at_start(vault.as_ref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    let parts = Start { setup, home: &home, config: &config, vault, cache, hardened };
    runtime.block_on(serve(parts, providers, listening))
}

struct Start<'a> {
    setup: &'a Setup,
    home: &'a Home,
    config: &'a Config,
    vault: Arc<KeyVault>,
    cache: Option<Cache>,
    hardened: Hardened,
}

/// Says how the network is to be reached, by the config that holds.
type NetworkSource = Box<dyn Fn() -> Option<Network> + Send + Sync>;

async fn serve(
    start: Start<'_>,
    providers: Providers,
    listening: impl FnOnce(),
) -> Result<(), Failure> {
    let Start { setup, home, config, vault, cache, hardened } = start;
    let listener = match setup.socket_passed {
        true => OwnUserListener::from_systemd(),
        false => lanyard_broker::bind(&home.socket),
    };
    let listener = listener.map_err(|error| error.to_failure())?;
    let secrets: Arc<dyn SecretSource> = Arc::new(Secrets);
    http(setup, &config.network)?;
    let network = Arc::new(OnceLock::<NetworkSource>::new());
    let (by_guard, own) = (Arc::clone(&network), setup.clone());
    let http = Http::later(move || {
        let held = by_guard.get().and_then(|source| source()).ok_or("the broker stops")?;
        http(&own, &held).map_err(|failure| failure.message)
    });
    let (views, persons) = Views::new(programs(hardened.launcher, home));
    #[cfg(feature = "test-prompter")]
    let _tests = crate::test_prompter::admit(setup, &views)?;
    let callbacks = LoopbackCallbacks::default();
    let engine = Engine::new(Parts {
        cache,
        vault,
        stage: Arc::new(views.clone()),
        providers: providers(&http, &secrets),
        config: config_file::source(&home.config, setup.descriptors),
        clock: (setup.clock)(),
        callbacks: Arc::new(callbacks.clone()),
    })?;
    drop(network.set(Box::new(engine.network())));
    let info = Info { version: env!("CARGO_PKG_VERSION"), cache: home.cache.clone() };
    let stop = CancellationToken::new();
    let background = {
        let engine = engine.clone();
        let stop = stop.clone();
        tokio::spawn(async move {
            let lock = |reason| engine.lock(reason);
            let session = stop.run_until_cancelled(session::watch(Buses::of_environment(), lock));
            tokio::join!(engine.run(), engine.watch_idle(), session)
        })
    };
    tokio::spawn(stop_at_signal(stop.clone(), engine.clone()));
    tracing::info!(pid = std::process::id(), "the broker listens");
    listening();
    let doors = Doors { socket: listener, views: Some((views, persons)) };
    let serving = lanyard_broker::serve(doors, engine.clone(), info, stop.clone());
    tokio::select! {
        () = serving => {}
        () = overdue(&stop) => {}
    }
    engine.stop().await;
    drop(background.await);
    drop(tokio::time::timeout(LAST_CALLS, callbacks.finish()).await);
    if !setup.socket_passed {
        drop(std::fs::remove_file(&home.socket));
    }
    Ok(())
}

/// Opens the cache, or leaves it locked where a passphrase has to be typed first.
fn open_at_start(vault: &KeyVault) -> Result<Option<Cache>, Failure> {
    match vault.open(None) {
        Ok(cache) => Ok(Some(cache)),
        Err(failure) if failure.code == Code::Locked => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Returns the programs that may answer, and what they start with.
fn programs(launcher: Option<Launcher>, home: &Home) -> ViewPrograms {
    let own = std::env::current_exe().unwrap_or_default();
    let place = |name| program_places(&own, name).into_iter().find(|path| path.is_file());
    let inherited = lanyard_harden::allowed_environment().into_iter();
    let text = inherited.filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)));
    let own_names = ["LANYARD_HOME", "LANYARD_SOCKET"];
    let mut environment: Vec<_> = text.filter(|(n, _)| !own_names.contains(&n.as_str())).collect();
    let folder = home.folder().map(|folder| ("LANYARD_HOME", folder.to_owned()));
    let places = folder.into_iter().chain([("LANYARD_SOCKET", home.socket.clone())]);
    environment.extend(places.map(|(n, v)| (n.to_owned(), v.to_string_lossy().into_owned())));
    ViewPrograms {
        launcher,
        tray: (place(DAEMON), vec!["tray".to_owned(), "--answers".to_owned()]),
        window: (place(WINDOW), vec!["--answers".to_owned()]),
        environment,
        may_inherit: lanyard_harden::may_inherit,
    }
}

pub(crate) fn http(setup: &Setup, network: &Network) -> Result<Http, Failure> {
    let network = setup.network(network);
    let invalid = |message: String| {
        Failure::new(Code::ConfigInvalid, message).action("check [network] in the config file")
    };
    let pem = network.ca_file.as_ref().map(std::fs::read).transpose();
    let pem = pem.map_err(|error| invalid(format!("could not read network.ca_file: {error}")))?;
    Http::new(&network, pem.as_deref()).map_err(|error| invalid(error.to_string()))
}

/// Returns once calls that were begun have had their time since the stop.
async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_CALLS).await;
}

async fn stop_at_signal(stop: CancellationToken, engine: Engine) {
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("the broker stops");
    engine.begin_stop();
    stop.cancel();
}

fn log_to_file(setup: &Setup, home: &Home) -> Result<(), Failure> {
    private_folder(&home.logs).map_err(|error| error.to_failure())?;
    let path = home.logs.join("broker.log");
    if std::fs::metadata(&path).is_ok_and(|log| log.len() > LARGEST_LOG) {
        drop(std::fs::rename(&path, home.logs.join("broker.log.1")));
    }
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
    let file = file.map_err(|error| {
        Failure::new(Code::Failed, format!("could not write {}", path.display()))
            .detail(error.to_string())
    })?;
    let filter = format!("{},{QUIET}", setup.log.as_deref().unwrap_or("info"));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .with_writer(Mutex::new(file));
    drop(logger.try_init());
    Ok(())
}
