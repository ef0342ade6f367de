//! The service of the experiment on latency: answers each line `ID WORK` with `ID fib(WORK)`. Prints the port that
//! it listens on.

use crate::sequential::fib;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("port {}", listener.local_addr().expect("an address").port());
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async {
            let _ = answer(stream).await;
        });
    }
}

async fn answer(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    while let Some(line) = lines.next_line().await? {
        let Some((id, work)) = line.split_once(' ') else { break };
        let Ok(work) = work.parse() else { break };
        to.write_all(format!("{id} {}\n", fib(work)).as_bytes()).await?;
    }
    Ok(())
}
