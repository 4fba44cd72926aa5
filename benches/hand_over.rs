//! What the hand-over of credentials costs, side by side with what it is compared to: `./dev bench`.
//!
//! Nothing here passes or fails by its speed: machines differ, ratios less. A wrong answer ends the run.

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::io::{BufReader, Write as _};
    use std::net::TcpStream;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use anyhow::{Context as _, Result, bail, ensure};
    use sandglass_journeys::home::Home;
    use sandglass_journeys::machine::Machine;
    use sandglass_journeys::programs::Program;
    use sandglass_journeys::wait::{self, PATIENCE};
    use serde_json::json;

    /// Programs that keep asking the endpoint at the same time.
    const CONNECTIONS: usize = 64;
    /// The AWS CLI is slow: it runs once for so many runs of the others.
    const RUNS_PER_AWS_CLI: usize = 50;

    /// How much is measured.
    struct Extent {
        runs: usize,
        load: Duration,
    }

    /// Sorted times.
    struct Times(Vec<Duration>);

    impl Times {
        fn of(mut times: Vec<Duration>) -> Self {
            times.sort();
            Self(times)
        }

        fn at(&self, percent: usize) -> f64 {
            let index = (self.0.len() * percent / 100).min(self.0.len() - 1);
            self.0[index].as_secs_f64() * 1e3
        }

        fn median(&self) -> f64 {
            self.at(50)
        }
    }

    pub(super) fn main() -> Result<()> {
        let extent = if std::env::args().any(|argument| argument == "--short") {
            Extent {
                runs: 20,
                load: Duration::from_millis(500),
            }
        } else {
            Extent {
                runs: 1000,
                load: Duration::from_secs(5),
            }
        };
        let home = Home::new()?;
        let machine = Machine::new(&home, &home.environment())?;
        let processes = processes(&machine, extent.runs)?;
        let (requests, latency) = endpoint(&machine, &home, extent.load)?;
        let memory = agent_memory(&machine, &home)?;
        report(&processes, requests, &latency, memory)
    }

    struct Processes {
        nothing: Times,
        sandglass: Times,
        aws_cli: Times,
    }

    /// Rounds of one run each, so that whatever else the machine does meets all alike.
    fn processes(machine: &Machine, runs: usize) -> Result<Processes> {
        let nothing = || machine.environment().command("/bin/true");
        let sandglass = || -> Result<Command> {
            let mut command = machine.program("sandglass")?;
            command.args(["credentials", "--profile", "deploy"]);
            Ok(command)
        };
        let aws_cli = || {
            let program = std::env::var_os("SANDGLASS_AWS_CLI");
            let program = program.unwrap_or_else(|| "/usr/bin/aws".into());
            let mut command = machine.environment().command(program);
            let arguments = "configure export-credentials --profile deploy --format process";
            command.args(arguments.split(' '));
            command
        };
        let answer = |mut command: Command| -> Result<()> {
            let output = command.output()?;
            let said: serde_json::Value = serde_json::from_slice(&output.stdout)
                .with_context(|| format!("{command:?}: {output:?}"))?;
            ensure!(
                said["Version"] == 1 && said["SessionToken"].is_string(),
                "{said}"
            );
            Ok(())
        };
        // Both find the role's credentials where they are kept.
        answer(sandglass()?)?;
        answer(aws_cli())?;
        let (mut nothings, mut sandglasses, mut aws_clis) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..runs {
            nothings.push(time(nothing())?);
            sandglasses.push(time(sandglass()?)?);
            if run % RUNS_PER_AWS_CLI == 0 {
                aws_clis.push(time(aws_cli())?);
            }
        }
        answer(sandglass()?)?;
        Ok(Processes {
            nothing: Times::of(nothings),
            sandglass: Times::of(sandglasses),
            aws_cli: Times::of(aws_clis),
        })
    }

    fn time(mut command: Command) -> Result<Duration> {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begin = now();
        let status = command.status()?;
        let took = begin.elapsed();
        ensure!(status.success(), "{command:?} failed");
        Ok(took)
    }

    /// Requests per second, and how long each took.
    fn endpoint(machine: &Machine, home: &Home, load: Duration) -> Result<(f64, Times)> {
        let mut command = machine.program("sandglass")?;
        let script = "echo \"$AWS_CONTAINER_CREDENTIALS_FULL_URI\"; cat \"$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\"; \
                      echo; echo .; exec sleep 600";
        command.args(["exec", "deploy", "--", "sh", "-c", script]);
        let keeper = Program::start("keeper", command.stdin(Stdio::null()), &home.logs())?;
        let said = wait::until("the endpoint", PATIENCE, || {
            let said = keeper.said();
            said.ends_with(".\n").then_some(said)
        })?;
        let mut lines = said.lines();
        let (url, token) = (
            lines.next().unwrap_or_default(),
            lines.next().unwrap_or_default(),
        );
        let (host, path) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .with_context(|| format!("no address: {said}"))?;
        let request =
            format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n");
        let begin = now();
        let until = begin + load;
        let all = thread::scope(|scope| {
            let clients: Vec<_> = (0..CONNECTIONS)
                .map(|_| scope.spawn(|| ask(host, &request, until)))
                .collect();
            let mut all = Vec::new();
            for client in clients {
                match client.join() {
                    Ok(times) => all.extend(times?),
                    Err(_) => bail!("a client of the endpoint failed"),
                }
            }
            Ok(all)
        })?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "requests are no more than millions"
        )]
        let per_second = all.len() as f64 / begin.elapsed().as_secs_f64();
        Ok((per_second, Times::of(all)))
    }

    fn ask(host: &str, request: &str, until: Instant) -> Result<Vec<Duration>> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut times = Vec::new();
        while now() < until {
            let begin = now();
            (&stream).write_all(request.as_bytes())?;
            let body = read_answer(&mut reader)?;
            times.push(begin.elapsed());
            ensure!(
                body.contains("\"AccessKeyId\":\"ASIA"),
                "a wrong answer: {body}"
            );
        }
        Ok(times)
    }

    fn read_answer(reader: &mut impl std::io::BufRead) -> Result<String> {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        ensure!(
            line.starts_with("HTTP/1.1 200 "),
            "the endpoint says {line}"
        );
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(String::from_utf8(body)?)
    }

    /// Resident and private memory of the agent after all that (MiB).
    fn agent_memory(machine: &Machine, home: &Home) -> Result<(f64, f64)> {
        let pid = machine.agent_pid(home).context("no agent runs")?;
        let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let of = |name: &str| -> f64 {
            let line = rollup.lines().find(|line| line.starts_with(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
            kib.unwrap_or_default() / 1024.0
        };
        Ok((of("Rss:"), of("Private_Dirty:") + of("Private_Clean:")))
    }

    fn report(
        processes: &Processes,
        requests: f64,
        latency: &Times,
        (resident, private): (f64, f64),
    ) -> Result<()> {
        let (nothing, ours) = (processes.nothing.median(), processes.sandglass.median());
        let aws_cli = processes.aws_cli.median();
        let mut text = String::from("| | median | 90 % | |\n|---|---|---|---|\n");
        for (name, times, ratio) in [
            ("`/bin/true`", &processes.nothing, String::from("1")),
            (
                "`sandglass credentials`, warm",
                &processes.sandglass,
                format!("{:.2} times `/bin/true`", ours / nothing),
            ),
            (
                "`aws configure export-credentials`",
                &processes.aws_cli,
                format!("{:.0} times `sandglass credentials`", aws_cli / ours),
            ),
        ] {
            writeln!(
                text,
                "| {name} | {:.2} ms | {:.2} ms | {ratio} |",
                times.median(),
                times.at(90)
            )?;
        }
        writeln!(
            text,
            "| endpoint, {CONNECTIONS} connections | {:.2} ms | {:.2} ms | p99 {:.2} ms, {requests:.0} requests per second |\n\n\
             The agent afterwards: {resident:.0} MiB resident, {private:.0} MiB of it its own.",
            latency.median(),
            latency.at(90),
            latency.at(99),
        )?;
        let folder = std::env::var_os("SANDGLASS_BENCH_OUT").unwrap_or_else(|| "bench-out".into());
        let folder = Path::new(&folder);
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("hand-over.md"), &text)?;
        let numbers = json!({
            "true_ms": nothing,
            "credentials_ms": ours,
            "aws_cli_ms": aws_cli,
            "endpoint_requests_per_second": requests,
            "endpoint_p99_ms": latency.at(99),
            "agent_resident_mib": resident,
            "agent_private_mib": private,
        });
        std::fs::write(folder.join("hand-over.json"), format!("{numbers:#}\n"))?;
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is what a benchmark measures"
    )]
    fn now() -> Instant {
        Instant::now()
    }
}
