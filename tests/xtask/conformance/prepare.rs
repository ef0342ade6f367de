//! Makes a suite ready to run: sources, beams and data directories side by side in one directory for
//! each application, as an installed OTP has them; suites rely on that. The host's tools do it all.

use super::Suite;
use crate::command::{self, End};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);

/// Compiles the modules that stand in for common_test.
pub fn runner(source: &Path, build: &Path) -> Result<(), String> {
    let ebin = runner_ebin(build);
    fs::create_dir_all(&ebin).map_err(|e| e.to_string())?;
    let mut erlc = Command::new("erlc");
    erlc.arg("-W0").arg("-o").arg(&ebin);
    let entries = fs::read_dir(source).map_err(|e| format!("{}: {e}", source.display()))?;
    for path in entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "erl")) {
        erlc.arg(path);
    }
    finished("erlc", command::run(&mut erlc, &build.join("runner.log"), LIMIT))
}

pub fn runner_ebin(build: &Path) -> PathBuf {
    build.join("runner")
}

/// Where the suites of an application live. A directory called `stdlib` around `ebin` would make
/// `code:lib_dir(stdlib)` point here, hence the `_test`.
pub fn area_dir(suite: &Suite, build: &Path) -> PathBuf {
    build.join(format!("{}_test", suite.area))
}

pub fn data_dir(suite: &Suite, build: &Path) -> PathBuf {
    area_dir(suite, build).join(format!("{}_data", suite.name))
}

pub fn suite(suite: &Suite, runner: &Path, build: &Path, fresh: bool) -> Result<(), String> {
    let dir = area_dir(suite, build);
    let stamps = dir.join(".prepared");
    let stamp = stamps.join(&suite.name);
    if stamp.exists() && !fresh {
        return Ok(());
    }
    let io = |e: std::io::Error| format!("{}: {e}", dir.display());
    fs::create_dir_all(&stamps).map_err(io)?;
    let source = suite.source.parent().unwrap_or(Path::new("."));
    copy_missing(source, &dir).map_err(io)?;
    // a helper that suites of several applications include
    let shared = source.ancestors().map(|a| a.join("lib/stdlib/test/error_info_lib.erl")).find(|p| p.exists());
    if let Some(shared) = shared {
        fs::copy(shared, dir.join("error_info_lib.erl")).map_err(io)?;
    }
    compile(suite, runner, &dir)?;
    let data = source.join(format!("{}_data", suite.name));
    if data.is_dir() {
        let target = data_dir(suite, build);
        let _ = fs::remove_dir_all(&target);
        copy_tree(&data, &target).map_err(io)?;
        build_data(&target, source, &dir)?;
    }
    fs::write(stamp, "").map_err(io)
}

fn compile(suite: &Suite, runner: &Path, dir: &Path) -> Result<(), String> {
    let file = suite.source.file_name().unwrap_or_default();
    let mut prep = Command::new("escript");
    prep.arg(runner.join("prep.escript")).arg(dir.join(file)).arg(dir);
    let out = command::run(&mut prep, &dir.join(format!("{}.prep", suite.name)), LIMIT);
    match out.stdout.lines().last() {
        Some("PREP-OK") => Ok(()),
        Some(line) => Err(line.to_string()),
        None => Err(format!("{}: {}", out.end, out.stderr.lines().next().unwrap_or_default())),
    }
}

/// Copies the files directly in `from` that `to` lacks.
fn copy_missing(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_file() && !target.exists() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path)?, target)?;
        } else if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// C programs, drivers and NIFs of a data directory. What does not build fails its cases, not the run.
fn build_data(data: &Path, source: &Path, area: &Path) -> Result<(), String> {
    let mut makefiles = Vec::new();
    find_makefiles(data, &mut makefiles);
    for template in makefiles {
        let Some(dir) = template.parent() else { continue };
        if dir.ends_with("nif_SUITE_data") {
            // its makefile reaches into a neighbour's directory
            let neighbour = "erl_drv_thread_SUITE_data";
            let _ = copy_tree(&source.join(neighbour), &area.join(neighbour));
        }
        let text = fs::read_to_string(&template).map_err(|e| format!("{}: {e}", template.display()))?;
        fs::write(dir.join("Makefile"), makefile(&text)).map_err(|e| e.to_string())?;
        let mut make = Command::new("make");
        make.arg("-k").current_dir(dir);
        command::run(&mut make, &dir.join("make.log"), Duration::from_secs(120));
    }
    Ok(())
}

fn find_makefiles(dir: &Path, out: &mut Vec<PathBuf>) {
    for path in fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()) {
        if path.is_dir() {
            find_makefiles(&path, out);
        } else if path.file_name().is_some_and(|n| n == "Makefile.src") {
            out.push(path);
        }
    }
}

/// What OTP's own configuration would have put into a `Makefile.src`.
fn makefile(template: &str) -> String {
    const DEFINES: &str = "-DHAVE_UNISTD_H -DHAVE_STRERROR -DHAVE_VSNPRINTF -DHAVE_POLL_H";
    let root = otp_root();
    let include = format!("{root}/usr/include");
    let interface = interface_dir(&root);
    let shared = format!(
        "CC=gcc\n%.so: %.c\n\t$(CC) $(SHLIB_EXTRA_CFLAGS) -shared -fPIC -D_THREAD_SAFE -D_REENTRANT -D_GNU_SOURCE {DEFINES} \
         -I{include} -I. -o $@ $< $(SHLIB_EXTRA_LDLIBS)\n"
    );
    let flags = format!("-g -O1 -D_GNU_SOURCE {DEFINES}");
    let values: &[(&str, &str)] = &[
        ("@dll@", ".so"),
        ("@obj@", ".o"),
        ("@exe@", ""),
        ("@EMULATOR@", "beam"),
        ("@CC@", "gcc"),
        ("@LD@", "gcc"),
        ("@CFLAGS@", &flags),
        ("@CROSSLDFLAGS@", ""),
        ("@DEFS@", DEFINES),
        ("@LIBS@", "-lpthread -ldl -lm"),
        ("@erl_include@", &include),
        ("@WSL@", ""),
        ("@erl_name@", "erl -noshell -noinput"),
        ("@SHLIB_CFLAGS@", "-shared -fPIC"),
        ("@EI_CFLAGS@", "-g -O1 -D_REENTRANT -D_GNU_SOURCE"),
        ("@erl_interface_include@", &format!("{interface}/include")),
        ("@erl_interface_eilib@", &format!("{interface}/lib/libei.a")),
        ("@erl_interface_sock_libs@", ""),
        ("@erl_interface_threadlib@", "-lpthread"),
        ("@erl_interface_mk_include@", "/dev/null"),
        ("@ERTS_LIBS@", "-lpthread"),
    ];
    let mut out = String::new();
    for line in template.lines() {
        let mut line = line.to_string();
        if line.contains("@SHLIB_RULES@") {
            line.clone_from(&shared);
        }
        for (name, value) in values {
            line = line.replace(name, value);
        }
        while let Some(at) = line.find("@erts_lib_") {
            let len = line[at + 1..].find('@').map_or(line.len() - at, |n| n + 2);
            line.replace_range(at..at + len, "/dev/null");
        }
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn otp_root() -> String {
    let link = command::find_on_path("erl").and_then(|p| fs::canonicalize(p).ok());
    let root = link.as_deref().and_then(Path::parent).and_then(Path::parent);
    root.map_or_else(|| "/usr/lib/erlang".into(), |r| r.to_string_lossy().into_owned())
}

fn interface_dir(root: &str) -> String {
    let entries = fs::read_dir(format!("{root}/lib")).into_iter().flatten().flatten().map(|e| e.path());
    let mut found: Vec<PathBuf> = entries.filter(|p| p.to_string_lossy().contains("/erl_interface-")).collect();
    found.sort();
    found.pop().map_or_else(|| format!("{root}/lib/erl_interface"), |p| p.to_string_lossy().into_owned())
}

fn finished(what: &str, out: command::Output) -> Result<(), String> {
    match out.end {
        End::Exit(0) => Ok(()),
        end => Err(format!("{what}: {end}\n{}{}", out.stdout, out.stderr)),
    }
}
