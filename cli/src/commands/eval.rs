//! `glulam eval 'EXPR'`

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::erl;
use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Eval {
    /// Directories to search for modules first
    #[arg(long = "pa", value_name = "DIR")]
    pa: Vec<PathBuf>,
    /// Erlang expressions, separated by commas; the value of the last is printed
    expression: String,
    /// What init:get_plain_arguments/0 gives
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Reads, evaluates, prints. An exception is printed as the shell prints it, and is status 1.
const SCRIPT: &str = "
[Text | Args] = init:get_plain_arguments(),
Bad = fun(What) -> io:put_chars(standard_error, [What, $\\n]), erlang:halt(1) end,
Trimmed = string:trim(Text, trailing, [$., $\\s, $\\n, $\\t]),
case erl_scan:string(Trimmed ++ \".\") of
  {error, {_, M, E}, _} -> Bad([\"syntax error: \", M:format_error(E)]);
  {ok, Tokens, _} ->
    case erl_parse:parse_exprs(Tokens) of
      {error, {_, M, E}} -> Bad([\"syntax error: \", M:format_error(E)]);
      {ok, Exprs} ->
        try erl_eval:exprs(Exprs, erl_eval:add_binding('Args', Args, erl_eval:new_bindings())) of
          {value, Value, _} -> io:format(\"~tp~n\", [Value]), erlang:halt(0)
        catch Class:Reason:Stack ->
          Bad(erl_error:format_exception(Class, Reason, Stack))
        end
    end
end.
";

pub fn main(eval: Eval, root: Option<&Path>) -> Result<i32, Failure> {
    let mut line: Vec<OsString> = ["-noshell", "-boot", "no_dot_erlang"].map(OsString::from).into();
    for dir in eval.pa {
        line.extend(["-pa".into(), dir.into()]);
    }
    line.extend(["-eval".into(), SCRIPT.into(), "-extra".into(), eval.expression.into()]);
    line.extend(eval.args);
    erl::run(line, root, &[])
}
