//! A server behind TLS with a private authority.

use super::{Floor, once};
use nameplate::agent::config::Config;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Puts TLS in front of a server that ends the connection after each answer. The port.
fn in_front_of(server: SocketAddr) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(fixture("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut outside = StreamOwned::new(connection, stream.unwrap());
            // Who does not trust us ends the handshake: that is one of the tests.
            let _ = pass_on(&mut outside, server);
        }
    });
    port
}

fn pass_on(outside: &mut StreamOwned<ServerConnection, TcpStream>, server: SocketAddr) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        let count = outside.read(&mut bytes)?;
        request.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.split("content-length: ").nth(1).and_then(|t| t.lines().next()).map_or(0, |l| l.parse().unwrap());
        if body.len() >= length {
            break;
        }
    }
    let mut inside = TcpStream::connect(server)?;
    inside.write_all(&request)?;
    let mut answer = Vec::new();
    inside.read_to_end(&mut answer)?;
    outside.write_all(&answer)?;
    outside.conn.send_close_notify();
    outside.flush()
}

/// The configuration with the server behind TLS.
fn config(floor: &Floor, more: &str) -> Config {
    let path = floor.configure("");
    let port = in_front_of(floor.desk.address);
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(&format!("http://{}", floor.desk.address), &format!("https://localhost:{port}"));
    std::fs::write(&path, format!("{more}\n{text}")).unwrap();
    Config::read(&path).unwrap()
}

#[test]
fn a_private_authority_is_trusted_if_it_is_named() {
    let floor = Floor::with_labels(3);
    let ended = once(&config(&floor, &format!("ca_file = {:?}", fixture("authority.pem"))));
    assert_eq!((ended.problem, ended.tally.printed), (None, 3));
    floor.hold_paper_against_records();
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted() {
    let floor = Floor::with_labels(1);
    let problem = once(&config(&floor, "")).problem.unwrap();
    assert!(problem.contains("cannot be reached") && problem.contains("certificate"), "{problem}");
    assert_eq!(floor.desk.counts(), (0, 0, 1));
}

#[test]
fn a_ca_file_without_certificate_is_refused() {
    let floor = Floor::new();
    let config = config(&floor, &format!("ca_file = {:?}", fixture("README.md")));
    let error = nameplate::agent::start(&config, nameplate::agent::Mode::Once).unwrap_err();
    assert!(error.to_string().contains("holds no certificate"), "{error}");
}
