//! `glulam run FILE [ARGS]`

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use glulam_bytecode::file::BeamFile;

use crate::erl;
use crate::failure::Failure;
use crate::programs::{self, Program};

#[derive(clap::Args)]
pub struct Run {
    /// Run this module of a directory of .beam files
    #[arg(short, long, value_name = "MODULE")]
    module: Option<String>,
    /// Directories to search for modules first
    #[arg(long = "pa", value_name = "DIR")]
    pa: Vec<PathBuf>,
    /// A .beam file, an escript, an .erl file, or a directory (with -m)
    file: PathBuf,
    /// Arguments: main/1 gets them as strings
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Calls `main/1`, `main/0` or `start/0` of a module. The words are: what to load (a file, or
/// source to compile), and the arguments. An exception is printed with its stack, and is status 1.
const SCRIPT: &str = "
[Report, Kind, File | Args] = init:get_plain_arguments(),
Fail = fun(Status, What) -> io:put_chars(standard_error, [What, $\\n]), erlang:halt(Status) end,
Compile = fun() ->
  case compile:file(File, [binary, report, debug_info]) of
    {ok, Name, Code} -> {Name, Code};
    _ -> Fail(65, [\"glulam: \", File, \": it does not compile\"])
  end
end,
{Module, Code} =
  case Kind of
    \"erl\" -> Compile();
    _ -> {ok, Bin} = file:read_file(File), {list_to_atom(Kind), Bin}
  end,
case code:load_binary(Module, File, Code) of
  {module, _} -> ok;
  {error, What} -> Fail(65, io_lib:format(\"glulam: ~ts: can't be loaded: ~tp\", [File, What]))
end,
Call =
  case {erlang:function_exported(Module, main, 1), erlang:function_exported(Module, main, 0),
        erlang:function_exported(Module, start, 0)} of
    {true, _, _} -> fun() -> Module:main(Args) end;
    {_, true, _} -> fun() -> Module:main() end;
    {_, _, true} -> fun() -> Module:start() end;
    _ -> fun() -> Fail(70, [\"glulam: \", File, \": it exports none of main/1, main/0, start/0\"]) end
  end,
Natives = fun() ->
  Microseconds = fun(Nanoseconds) -> Nanoseconds div 1000 end,
  io:format(standard_error, \"~-40ts ~10ts ~12ts ~12ts ~-10ts ~ts~n\",
    [\"native\", \"calls\", \"total us\", \"longest us\", \"runs on\", \"moves\"]),
  [io:format(standard_error, \"~-40ts ~10w ~12w ~12w ~-10w ~w~n\",
     [io_lib:format(\"~ts:~ts/~w\", [M, F, A]), Calls, Microseconds(Time), Microseconds(Longest), Class, Moves])
   || #{module := M, function := F, arity := A, calls := Calls, time := Time, longest := Longest, class := Class,
        moves := Moves} <- glulam:natives(), Calls > 0]
end,
End = fun() -> Report =:= \"natives\" andalso Natives() end,
try Call() of _ -> End(), erlang:halt(0)
catch Class:Reason:Stack -> Fail(1, erl_error:format_exception(Class, Reason, Stack))
end.
";

/// With `natives`, what natives of libraries were called is told at the end.
pub fn main(run: Run, root: Option<&Path>, natives: bool) -> Result<i32, Failure> {
    let file = match &run.module {
        Some(module) => run.file.join(format!("{module}.beam")),
        None => run.file.clone(),
    };
    if file.is_dir() {
        return Err(Failure::Usage(format!("{} is a directory: say which module with -m MODULE", file.display())));
    }
    let start = head(&file)?;
    let is_erl = file.extension().is_some_and(|ext| ext == "erl");
    if is_erl {
        return call(natives, "erl".into(), &file, run, root);
    }
    // Plain, or gzip-compressed.
    if start.starts_with(b"FOR1") || start.starts_with(&[0x1f, 0x8b]) {
        let module = check(&file)?;
        return call(natives, module.into(), &file, run, root);
    }
    let is_escript = start.starts_with(b"#!") || start.starts_with(b"PK");
    if !is_escript {
        return Err(Failure::Data(format!(
            "{}: neither a .beam file, nor an escript, nor an .erl file",
            file.display()
        )));
    }
    let mut args = vec![file.into_os_string()];
    args.extend(run.args);
    programs::run(Program::Escript, &args, root)
}

fn head(file: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |e: std::io::Error| {
        let why = if e.kind() == std::io::ErrorKind::NotFound { "no such file".into() } else { e.to_string() };
        Failure::NoInput(format!("{}: {why}", file.display()))
    };
    let mut start = Vec::new();
    std::fs::File::open(file).map_err(fail)?.take(4).read_to_end(&mut start).map_err(fail)?;
    Ok(start)
}

/// The name of the module in a file, which must be sound and export something to call.
fn check(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file).map_err(|e| Failure::NoInput(format!("{}: {e}", file.display())))?;
    let beam = BeamFile::parse(&file.to_string_lossy(), &bytes).map_err(|e| Failure::Data(e.to_string()))?;
    let exports = |name: &str, arity: u32| {
        beam.exports.iter().any(|export| beam.atom(export.function) == name && u32::from(export.arity) == arity)
    };
    if !exports("main", 1) && !exports("main", 0) && !exports("start", 0) {
        return Err(Failure::Undefined(format!(
            "{}: it exports none of main/1, main/0, start/0",
            file.display()
        )));
    }
    Ok(beam.atom(beam.module).to_string())
}

fn call(natives: bool, kind: OsString, file: &Path, run: Run, root: Option<&Path>) -> Result<i32, Failure> {
    let mut line: Vec<OsString> = ["-noshell", "-boot", "no_dot_erlang"].map(OsString::from).into();
    // Modules beside the file can be called.
    let beside = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for dir in run.pa.iter().map(PathBuf::as_path).chain([beside]) {
        line.extend(["-pa".into(), dir.into()]);
    }
    line.extend(["-eval".into(), SCRIPT.into(), "-extra".into(), if natives { "natives" } else { "-" }.into(), kind, file.into()]);
    line.extend(run.args);
    erl::run(line, root, &[])
}
