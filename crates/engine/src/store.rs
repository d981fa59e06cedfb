use std::sync::{Arc, mpsc};

use lanyard_cache::{Cache, CacheError};
use lanyard_core::{Code, Failure};
use tokio::sync::oneshot;

use crate::memory::Memory;

type Job = Box<dyn FnOnce(&mut Cache) + Send>;

/// The cache on the one thread that owns its connection.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) memory: Arc<Memory>,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Store {
    pub(crate) fn start(mut cache: Cache) -> Self {
        let (sender, receiver) = mpsc::channel::<Job>();
        let thread = std::thread::spawn(move || receiver.iter().for_each(|job| job(&mut cache)));
        Self { memory: Arc::default(), jobs: Some(sender), thread: Some(thread) }
    }

    /// Runs `work` with the cache. Once begun it is finished, also when the caller goes away.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Cache) -> Result<T, CacheError> + Send + 'static,
    ) -> Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |cache| drop(sender.send(work(cache))));
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let answer = if sent { receiver.await.ok() } else { None };
        let answer =
            answer.ok_or_else(|| Failure::new(Code::CacheUnavailable, "the cache was closed"))?;
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
