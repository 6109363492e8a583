//! Work outside of the interpreter's lock, which Ctrl-C can stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How long a signal waits before it is heard, at most: too short for a person to notice, too long to cost anything.
const EAR: Duration = Duration::from_millis(50);

/// The threads of this process. A child that was forked has none of its parent's, and makes its own.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// The threads that batches are cleaned on, one for each core.
pub(crate) fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((_, pool)) = pool.as_ref().filter(|(owner, _)| *owner == process) {
        return Ok(Arc::clone(pool));
    }
    let made = ThreadPoolBuilder::new().thread_name(|number| format!("dechaff-{number}")).build();
    let made = Arc::new(made.map_err(|error| PyRuntimeError::new_err(format!("no threads: {error}")))?);
    // A parent's threads are not there to be joined.
    std::mem::forget(pool.replace((process, Arc::clone(&made))));
    Ok(made)
}

/// Works on another thread while this one listens for signals, and calls `meanwhile` now and then. The work is to end
/// soon after it finds that it shall stop; what was raised is raised again then.
///
/// # Errors
/// What a signal or `meanwhile` raised.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
    mut meanwhile: impl FnMut(Python<'_>) -> PyResult<()> + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    py.detach(|| {
        thread::scope(|scope| {
            let (done, waits) = channel();
            let stop = &stop;
            let worker = scope.spawn(move || {
                let result = work(stop);
                // Nobody waits any more where something was raised.
                let _ = done.send(());
                result
            });
            let mut raised = Ok(());
            while let Err(RecvTimeoutError::Timeout) = waits.recv_timeout(EAR) {
                raised = Python::attach(|py| py.check_signals().and_then(|()| meanwhile(py)));
                if raised.is_err() {
                    stop.store(true, Ordering::Relaxed);
                    break;
                }
            }
            let result = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            raised.map(|()| result)
        })
    })
}
