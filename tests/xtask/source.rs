//! Sources of installed packages, for their tests: named by the environment, or fetched into a cache
//! outside the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A package with tests.
pub struct Package {
    /// Environment variable that names a tree that is here already.
    pub variable: &'static str,
    /// Installed package and source package.
    names: [&'static str; 2],
    /// Name of the tree in the cache.
    cached: &'static str,
    /// A directory that the tree has.
    holds: &'static str,
}

pub const OTP: Package = Package {
    variable: "GLULAM_OTP_SRC",
    names: ["erlang-base", "erlang"],
    cached: "otp-src",
    holds: "erts/emulator/test",
};

pub const ELIXIR: Package = Package {
    variable: "GLULAM_ELIXIR_SRC",
    names: ["elixir", "elixir-lang"],
    cached: "elixir-src",
    holds: "lib/elixir/test",
};

/// Where the source is; fetched if it is nowhere.
pub fn tree(root: &Path, package: &Package) -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os(package.variable) {
        return Ok(PathBuf::from(named));
    }
    let cache = match (std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME")) {
        (Some(cache), _) => PathBuf::from(cache),
        (None, Some(home)) => PathBuf::from(home).join(".cache"),
        _ => return Err(format!("neither {} nor HOME is set", package.variable)),
    };
    let tree = cache.join("glulam").join(package.cached);
    if !tree.join(package.holds).is_dir() {
        println!("fetching the source of {} into {}", package.names[0], tree.display());
        let mut fetch = Command::new("sh");
        fetch.arg(root.join("tests/conformance/fetch.sh")).args(package.names).arg(&tree);
        let status = fetch.status().map_err(|e| e.to_string())?;
        if !status.success() {
            let variable = package.variable;
            return Err(format!("the source could not be fetched; {variable} may name a tree that is here already"));
        }
    }
    Ok(tree)
}
