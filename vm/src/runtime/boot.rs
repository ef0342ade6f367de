//! What stands before the first process runs: natives, preloaded modules, system processes.

use std::path::{Path, PathBuf};

use crate::bif;
use crate::exec::{load, start};

/// Why the runtime can't start.
#[derive(Debug)]
pub enum BootError {
    /// No `erts-VERSION/ebin` with the preloaded modules under the root.
    NoPreloaded(PathBuf),
    /// A preloaded module can't be read.
    Read(PathBuf, std::io::Error),
    /// A preloaded module can't be loaded.
    Load(load::Error),
}

impl std::fmt::Display for BootError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BootError::NoPreloaded(root) => write!(
                f,
                "{}: no preloaded modules (lib/erts-*/ebin/erl_init.beam) in this OTP installation",
                root.display()
            ),
            BootError::Read(path, e) => write!(f, "{}: {e}", path.display()),
            BootError::Load(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for BootError {}

/// The directory of the preloaded modules of an OTP installation.
fn preloaded_directory(root: &Path) -> Option<PathBuf> {
    let candidates = [root.join("lib"), root.to_path_buf()];
    let entries = candidates.iter().filter_map(|d| std::fs::read_dir(d).ok()).flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|e| e.file_name().to_string_lossy().starts_with("erts-"))
        .map(|e| e.path().join("ebin"))
        .filter(|d| d.join("erl_init.beam").is_file())
        .collect();
    found.sort();
    found.pop()
}

/// Installs the natives and loads the preloaded modules.
pub fn prepare(root: &Path, natives: &[&'static [bif::Decl]], preloaded: &[&str]) -> Result<(), BootError> {
    bif::install(natives);
    start::install();
    let directory = preloaded_directory(root).ok_or_else(|| BootError::NoPreloaded(root.into()))?;
    for name in preloaded {
        let path = directory.join(format!("{name}.beam"));
        let bytes = std::fs::read(&path).map_err(|e| BootError::Read(path.clone(), e))?;
        let mut loaded = load::prepare(&path.to_string_lossy(), &bytes).map_err(BootError::Load)?;
        // OTP's emulator holds these modules without source positions, and stack traces show it.
        if let Some(loaded) = crate::base::sync::Arc::get_mut(&mut loaded) {
            loaded.lines.clear();
        }
        load::finish(loaded).map_err(BootError::Load)?;
    }
    Ok(())
}
