use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use lanyard_cache::{Cache, CacheError};
use lanyard_core::{Code, Failure};
use tokio::sync::oneshot;

use crate::memory::Memory;

type Job = Box<dyn FnOnce(&mut Option<Cache>) + Send>;

/// The cache on the one thread that owns its connection. While it is closed, no key is in memory.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) memory: Arc<Memory>,
    open: AtomicBool,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Store {
    pub(crate) fn start(mut cache: Option<Cache>) -> Self {
        let (sender, receiver) = mpsc::channel::<Job>();
        let open = AtomicBool::new(cache.is_some());
        let thread = std::thread::spawn(move || receiver.iter().for_each(|job| job(&mut cache)));
        Self { memory: Arc::default(), open, jobs: Some(sender), thread: Some(thread) }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Takes the opened cache.
    pub(crate) async fn open(&self, cache: Cache) {
        self.memory.forget();
        self.with(move |slot| *slot = Some(cache)).await;
        self.open.store(true, Ordering::Release);
    }

    /// Finishes what was begun, then closes the cache and wipes its keys and what was read of it.
    pub(crate) async fn close(&self) {
        self.open.store(false, Ordering::Release);
        self.with(|slot| drop(slot.take())).await;
        self.memory.forget();
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Option<Cache>) -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |slot| drop(sender.send(work(slot))));
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if sent { receiver.await.ok() } else { None }
    }

    /// Runs `work` with the cache. Once begun it is finished, also when the caller goes away.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Cache) -> Result<T, CacheError> + Send + 'static,
    ) -> Result<T, Failure> {
        let answer = self.with(|slot| slot.as_mut().map(work)).await;
        let answer =
            answer.ok_or_else(|| Failure::new(Code::CacheUnavailable, "the cache was closed"))?;
        let answer = answer.ok_or_else(crate::lock::locked)?;
        answer.map_err(|error| error.to_failure())
    }
}

impl Store {
    /// Runs `work`, which changes accounts, grants or tokens.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Cache) -> Result<T, CacheError> + Send + 'static,
    ) -> Result<T, Failure> {
        let memory = Arc::clone(&self.memory);
        let changed = move |cache: &mut Cache| {
            let done = work(cache);
            memory.forget();
            done
        };
        self.run(changed).await
    }
}

impl Drop for Store {
    /// Waits for the jobs that were begun, so that nothing that was promised is lost.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
