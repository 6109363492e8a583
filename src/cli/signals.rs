//! Signals that end the program: 130 for Ctrl-C, 143 for a request to terminate. A run ends in order after the first
//! one and at once after the second; everything else ends at once.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

static SIGNALS: OnceLock<Signals> = OnceLock::new();

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Whether the next signal ends the program at once.
    at_once: Arc<AtomicBool>,
    /// The exit code of the signal that came; 0 for none.
    code: Arc<AtomicUsize>,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// What the operating system said.
    pub(super) fn listen() -> io::Result<()> {
        let signals = Signals::default();
        signals.at_once.store(true, Ordering::SeqCst);
        signals.register()?;
        let _ = SIGNALS.set(signals);
        Ok(())
    }

    /// From now on the first signal is for the caller to see.
    pub(super) fn for_a_run() -> &'static Signals {
        let signals = SIGNALS.get_or_init(Signals::default);
        signals.at_once.store(false, Ordering::SeqCst);
        signals
    }

    /// Signals that somebody else listens for: none ever comes here.
    pub(super) fn unheard() -> &'static Signals {
        static UNHEARD: OnceLock<Signals> = OnceLock::new();
        UNHEARD.get_or_init(Signals::default)
    }

    /// The exit code of the signal that came, if one did.
    pub(super) fn code(&self) -> Option<u8> {
        u8::try_from(self.code.load(Ordering::SeqCst)).ok().filter(|code| *code > 0)
    }

    #[cfg(unix)]
    fn register(&self) -> io::Result<()> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag;
        for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] {
            // In this order: the first signal sets what the second one finds.
            flag::register_conditional_shutdown(signal, code, Arc::clone(&self.at_once))?;
            flag::register_usize(signal, Arc::clone(&self.code), code as usize)?;
            flag::register(signal, Arc::clone(&self.at_once))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn register(&self) -> io::Result<()> {
        let (at_once, code) = (Arc::clone(&self.at_once), Arc::clone(&self.code));
        let heard = move || {
            code.store(130, Ordering::SeqCst);
            if at_once.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(heard).map_err(io::Error::other)
    }
}
