//! `nameplate serve`: the server.

use super::failure::{Failure, Outcome};
use super::installation::Place;
use super::output::{note, stdout};
use super::signals::asked_to_end;
use super::site::SiteArgs;
use crate::http::api::site;
use crate::http::pages::SiteSettings;
use crate::http::server::{ServerLimits, serve};
use crate::service::Nameplate;
use crate::service::people::Mailer;
use crate::words::Library;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How often notices are looked for.
const DELIVER_EVERY: Duration = Duration::from_secs(5);

/// Where a server listens, unless told otherwise.
pub(super) const LISTEN: &str = "127.0.0.1:8080";

/// Serves the API and its pages until Ctrl-C or SIGTERM
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Requests under way are finished first. TLS and HTTP/2 are a reverse proxy's matter; behind
one, raise --connections-per-address, as all connections then come from the proxy.
RUST_LOG sets what is logged, e.g. RUST_LOG=debug.

Examples:
  nameplate serve
  nameplate serve --data /srv/nameplate --listen 0.0.0.0:8080
  nameplate serve --create --data /data --listen 0.0.0.0:8080    in a container")]
pub(super) struct Args {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN, env = "NAMEPLATE_LISTEN")]
    listen: String,
    /// Make the installation if it is not there
    #[arg(long)]
    create: bool,
    /// Open connections of one address
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().connections_per_address)]
    connections_per_address: usize,
    #[command(flatten)]
    site: SiteArgs,
}

impl Args {
    pub(super) async fn run(self, place: &Place) -> Outcome {
        let settings = self.site.settings(place.data())?;
        let listener = listen(&self.listen).await?;
        let nameplate = Arc::new(place.open(self.create).await?);
        if let Some(issued) = nameplate.first_token().await? {
            announce(format_args!("Admin token, shown this once only:\n  {}\n", issued.token));
        }
        let limits = ServerLimits { connections_per_address: self.connections_per_address, ..ServerLimits::default() };
        let here = url(listener.local_addr().map_err(Failure::failed)?);
        let address = settings.public_url.clone().unwrap_or(here);
        if let Some(link) = nameplate.first_link().await? {
            announce(format_args!("Nobody can sign in yet. The first administrator opens\n  {address}{}\n", link.path));
        }
        serve_until_asked(nameplate, listener, limits, settings).await
    }
}

/// Listens, or says in words why not.
pub(super) async fn listen(address: &str) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Failed(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "another program listens on {address} already (perhaps another nameplate): end it, or choose another \
                 port with --listen"
            ),
            io::ErrorKind::PermissionDenied => {
                format!("this user may not listen on {address}: choose a port above 1023 with --listen")
            }
            io::ErrorKind::InvalidInput => format!("{address:?} is not an address: write it as 127.0.0.1:8080"),
            _ => format!("cannot listen on {address}: {error}"),
        })
    })
}

/// Serves until the process is asked to end, then finishes what is under way.
pub(super) async fn serve_until_asked(
    nameplate: Arc<Nameplate>,
    listener: TcpListener,
    limits: ServerLimits,
    settings: SiteSettings,
) -> Outcome {
    let mailer = settings.mailer.clone();
    let address = listener.local_addr().map_err(Failure::failed)?;
    let site = site(Arc::clone(&nameplate), &limits, settings).map_err(Failure::failed)?;
    let asked = asked_to_end();
    announce(format_args!("nameplate {} serves {} (Ctrl-C ends it)\n", env!("CARGO_PKG_VERSION"), url(address)));
    let shutdown = async {
        asked.await;
        note("ending: requests under way are finished first; Ctrl-C again ends at once");
        super::signals::end_when_asked();
    };
    let post = mailer.map(|mailer| tokio::spawn(deliver(Arc::clone(&nameplate), mailer)));
    let drained = serve(listener, site.router, limits, shutdown).await;
    if let Some(post) = post {
        post.abort();
    }
    nameplate.close().await;
    match drained.cut {
        0 => Ok(()),
        cut => Err(Failure::Failed(format!("{cut} requests were cut off because they did not end in time"))),
    }
}

/// Sends notices as they come up, until the server ends. What was not sent is sent after the next start.
async fn deliver(nameplate: Arc<Nameplate>, mailer: Mailer) {
    let Ok(library) = Library::shipped() else { return };
    loop {
        if let Err(error) = nameplate.deliver_notices(&mailer, &library).await {
            tracing::warn!(%error, "notices could not be delivered");
        }
        tokio::time::sleep(DELIVER_EVERY).await;
    }
}

/// The address as a browser takes it. A server on all interfaces is reached on this machine by its loopback.
pub(super) fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

/// Tells something on standard output at once. A server goes on when nobody reads it.
fn announce(text: std::fmt::Arguments<'_>) {
    let mut out = stdout();
    let _ = out.write_fmt(text).and_then(|()| out.flush());
}
