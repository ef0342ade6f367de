//! Where Erlang/OTP is installed.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// An installed OTP.
pub struct Otp {
    /// Holds `lib/` and `bin/start.boot`.
    pub root: PathBuf,
    /// `erts-VERSION/bin`: programs that OTP starts.
    pub bindir: PathBuf,
    pub erts_version: String,
}

/// Names the variable that stands for `--otp-root`.
pub const ROOT_VARIABLE: &str = "GLULAM_OTP_ROOT";

/// Places where packages and builds put it.
const USUAL: &[&str] = &[
    "/usr/lib/erlang",
    "/usr/local/lib/erlang",
    "/usr/lib64/erlang",
    "/opt/erlang",
    "/opt/homebrew/lib/erlang",
    "/usr/local/opt/erlang/lib/erlang",
];

/// Finds an installation: the one named, else by `erl` on the search path, else in the usual places.
pub fn find(named: Option<&Path>) -> Result<Otp, Failure> {
    if let Some(root) = named {
        return at(root).map_err(|why| Failure::NoOtp(format!("--otp-root {}: {why}", root.display())));
    }
    if let Some(root) = std::env::var_os(ROOT_VARIABLE).filter(|root| !root.is_empty()) {
        let root = PathBuf::from(root);
        return at(&root).map_err(|why| Failure::NoOtp(format!("{ROOT_VARIABLE}={}: {why}", root.display())));
    }
    let mut tried = Vec::new();
    for root in on_path().into_iter().chain(USUAL.iter().map(PathBuf::from)) {
        match at(&root) {
            Ok(otp) => return Ok(otp),
            Err(why) => tried.push(format!("  {}: {why}", root.display())),
        }
    }
    tried.dedup();
    Err(Failure::NoOtp(format!(
        "no Erlang/OTP found. Tried an `erl` on the PATH and\n{}\n\
         Install Erlang/OTP 25 (Debian and Ubuntu: apt-get install erlang), or say where it is with\n\
         --otp-root DIR or {ROOT_VARIABLE}=DIR.",
        tried.join("\n")
    )))
}

/// Installations that `erl`s on the search path belong to. Our own links are none.
fn on_path() -> Vec<PathBuf> {
    let ours = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut roots = Vec::new();
    for erl in std::env::split_paths(&path).map(|dir| dir.join("erl")) {
        let Ok(erl) = std::fs::canonicalize(erl) else { continue };
        if Some(&erl) == ours.as_ref() {
            continue;
        }
        // ROOT/bin/erl, or ROOT/erts-VERSION/bin/erl; a wrapper elsewhere says nothing.
        let root = erl.ancestors().skip(2).take(2).find(|dir| dir.join("lib").is_dir());
        roots.extend(root.map(Path::to_path_buf));
    }
    roots
}

/// The installation at a root; what is missing if it is none.
fn at(root: &Path) -> Result<Otp, String> {
    if !root.is_dir() {
        return Err("no such directory".into());
    }
    let root = std::fs::canonicalize(root).map_err(|e| e.to_string())?;
    if !root.join("lib").is_dir() {
        return Err("no lib directory in it".into());
    }
    let mut versions = erts_in(&root);
    versions.extend(erts_in(&root.join("lib")));
    versions.sort();
    let Some(erts_version) = versions.pop() else {
        return Err("no erts-VERSION in it or in its lib".into());
    };
    let bindir = root.join(format!("erts-{erts_version}/bin"));
    Ok(Otp { root, bindir, erts_version })
}

fn erts_in(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("erts-").map(str::to_string))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn says_what_is_missing() {
        let Err(failure) = super::find(Some("/nowhere/at/all".as_ref())) else { panic!("found") };
        assert_eq!(failure.code(), 69);
        assert!(failure.to_string().contains("/nowhere/at/all"));
    }
}
