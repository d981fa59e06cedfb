use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_core::{Code, Failure};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

type Outcome<V> = Option<Result<V, Failure>>;

/// One run for each key, however many ask: later callers wait for the first one's outcome. A run
/// goes on when the caller that began it goes away.
#[derive(Debug)]
pub(crate) struct Flights<K, V> {
    under_way: Arc<Mutex<HashMap<K, watch::Receiver<Outcome<V>>>>>,
    tasks: TaskTracker,
}

impl<K, V> Flights<K, V>
where
    K: Eq + Hash + Clone + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(tasks: TaskTracker) -> Self {
        Self { under_way: Arc::default(), tasks }
    }

    /// Returns the outcome of the run under way for `key`, or of `run`, which then is it.
    pub(crate) async fn join(
        &self,
        key: K,
        run: impl Future<Output = Result<V, Failure>> + Send + 'static,
    ) -> Result<V, Failure> {
        let mut outcome = self.board(key, run);
        let landed = outcome.wait_for(Option::is_some).await;
        let lost = || Failure::new(Code::Failed, "the refresh broke off").action("try again");
        landed.map_err(|_| lost())?.clone().unwrap_or_else(|| Err(lost()))
    }

    fn board(
        &self,
        key: K,
        run: impl Future<Output = Result<V, Failure>> + Send + 'static,
    ) -> watch::Receiver<Outcome<V>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = under_way.get(&key) {
            return outcome.clone();
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(key.clone(), receiver.clone());
        let landing = Landing { under_way: Arc::clone(&self.under_way), key };
        self.tasks.spawn(async move {
            let outcome = run.await;
            drop(landing);
            sender.send_replace(Some(outcome));
        });
        receiver
    }
}

/// Takes the run off the board, also when it panics.
struct Landing<K: Eq + Hash, V> {
    under_way: Arc<Mutex<HashMap<K, watch::Receiver<Outcome<V>>>>>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for Landing<K, V> {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
