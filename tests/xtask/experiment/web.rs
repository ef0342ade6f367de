//! A web server under `wrk`: OTP's httpd, and a small one on gen_tcp.

use super::latency::row;
use super::service::{Service, served_cores};
use super::{Findings, Setting};
use crate::bench::report::cores;
use crate::command::find_on_path;
use std::process::Command;

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    find_on_path("wrk").ok_or("no `wrk` on the PATH (sh tests/setup.sh bench installs it)")?;
    let seconds = if setting.short { 3 } else { 10 };
    let mut rows = vec![row(["server", "runtime", "requests/s", "p50", "p99", "errors"])];
    for server in ["httpd", "gen_tcp"] {
        for host in &setting.hosts {
            let service = Service::start(setting, host, &["web_server", server])?;
            let text = wrk(service.port, 1)?;
            let text = if text.contains("Requests/sec") { wrk(service.port, seconds)? } else { text };
            let field = |name: &str| {
                let line = text.lines().find_map(|l| l.trim().strip_prefix(name))?;
                Some(line.split_whitespace().next()?.to_string())
            };
            let value = |name: &str| field(name).unwrap_or("-".into());
            let errors = text.lines().find(|l| l.contains("errors") || l.contains("Non-2xx")).unwrap_or("none").trim();
            rows.push(row([server, host.name(), &value("Requests/sec:"), &value("50%"), &value("99%"), errors]));
        }
    }
    let mut findings = Findings::default();
    findings.table(&format!("32 connections kept alive for {seconds} s:"), rows);
    Ok(findings)
}

fn wrk(port: u16, seconds: u32) -> Result<String, String> {
    let (time, url) = (format!("-d{seconds}s"), format!("http://127.0.0.1:{port}/"));
    let words = ["wrk", "-t1", "-c32", "--latency", &time, &url];
    let mut command = Command::new("taskset");
    match cores() > 1 && find_on_path("taskset").is_some() {
        true => command.args(["-c", &served_cores().to_string()]).args(words),
        false => {
            command = Command::new(words[0]);
            command.args(&words[1..])
        }
    };
    let out = command.output().map_err(|e| format!("wrk: {e}"))?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
