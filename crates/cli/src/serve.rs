//! Assembles the broker: config, keys, cache, providers, engine, server.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lanyard_broker::{Info, LoopbackCallbacks, OwnUserListener};
use lanyard_cache::{Cache, WriterLock, load_or_create_keys, private_folder};
use lanyard_core::config::{Config, KeySource};
use lanyard_core::provider::SecretSource;
use lanyard_core::{Code, Failure, Home};
use lanyard_engine::{Engine, Parts};
use lanyard_providers::Http;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::environment::Providers;
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
    lanyard_client::harden();
    let home = setup.home()?;
    let private = |path: &Path| private_folder(path.parent().unwrap_or(Path::new("/")));
    private(&home.cache)
        .and_then(|()| private(&home.socket))
        .map_err(|error| error.to_failure())?;
    let _lock = WriterLock::take(&home.cache).map_err(|error| error.to_failure())?;
    log_to_file(setup, &home)?;
    let config = config_file::load(&home.config, setup.descriptors)?;
    let cache = open_cache(&home, &config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    runtime.block_on(serve(setup, providers, &home, &config, cache, listening))
}

async fn serve(
    setup: &Setup,
    providers: Providers,
    home: &Home,
    config: &Config,
    cache: Cache,
    listening: impl FnOnce(),
) -> Result<(), Failure> {
    let listener = match setup.socket_passed {
        true => OwnUserListener::from_systemd(),
        false => lanyard_broker::bind(&home.socket),
    };
    let listener = listener.map_err(|error| error.to_failure())?;
    let secrets: Arc<dyn SecretSource> = Arc::new(Secrets);
    let http = http(setup, config)?;
    let engine = Engine::new(Parts {
        cache,
        providers: providers(&http, &secrets),
        config: config_file::source(&home.config, setup.descriptors),
        clock: (setup.clock)(),
        callbacks: Arc::new(LoopbackCallbacks),
    });
    let info = Info {
        version: env!("CARGO_PKG_VERSION"),
        cache: home.cache.clone(),
        key: config.key_source.as_str(),
    };
    let stop = CancellationToken::new();
    let background = {
        let engine = engine.clone();
        tokio::spawn(async move { engine.run().await })
    };
    tokio::spawn(stop_at_signal(stop.clone(), engine.clone()));
    tracing::info!(pid = std::process::id(), "the broker listens");
    listening();
    let serving = lanyard_broker::serve(listener, engine.clone(), info, stop.clone());
    let served = tokio::select! {
        served = serving => served,
        () = overdue(&stop) => Ok(()),
    };
    engine.stop().await;
    drop(background.await);
    if !setup.socket_passed {
        drop(std::fs::remove_file(&home.socket));
    }
    served.map_err(|error| error.to_failure())
}

fn open_cache(home: &Home, config: &Config) -> Result<Cache, Failure> {
    if config.key_source != KeySource::Keyring {
        let message = format!(
            "cache.key = \"{}\" is not offered by this version",
            config.key_source.as_str()
        );
        return Err(
            Failure::new(Code::ConfigInvalid, message).action("set cache.key = \"keyring\"")
        );
    }
    let keys = load_or_create_keys(&home.cache).map_err(|error| error.to_failure())?;
    Cache::open(&home.cache, keys).map_err(|error| error.to_failure())
}

fn http(setup: &Setup, config: &Config) -> Result<Http, Failure> {
    let network = setup.network(&config.network);
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
