//! Mail: what has to go out goes out once, in the person's language, and waits while the mail server does not answer.

use crate::support::{Database, Factory, both_engines};
use nameplate::service::Caller;
use nameplate::service::people::{Mailer, NewUser, Notice};
use nameplate::words::{Library, Words};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

both_engines!(
    a_notice_goes_out_once_in_the_persons_language,
    a_notice_waits_while_the_mail_server_is_away,
    nobody_gets_mail_who_may_not_sign_in,
);

/// A mail server (RFC 5321) that keeps what it is given.
struct Sink {
    address: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("smtp://{}", listener.local_addr().unwrap());
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&kept)));
            }
        });
        Self { address, mails }
    }

    fn mailer(&self) -> Mailer {
        Mailer::new(&self.address, None, "nameplate@maker.example", "https://labels.maker.example/").unwrap()
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

async fn take(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = String::new();
    let mut is_data = false;
    write.write_all(b"220 sink\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        if is_data {
            if line == "." {
                is_data = false;
                mails.lock().unwrap().push(std::mem::take(&mut mail));
                write.write_all(b"250 taken\r\n").await.unwrap();
            } else {
                mail.push_str(&line);
                mail.push('\n');
            }
            continue;
        }
        let reply: &[u8] = match line.split(' ').next().unwrap_or("").to_ascii_uppercase().as_str() {
            "DATA" => {
                is_data = true;
                b"354 go on\r\n"
            }
            "RCPT" => {
                mail.push_str(&format!("{line}\n"));
                b"250 ok\r\n"
            }
            "QUIT" => {
                let _ = write.write_all(b"221 bye\r\n").await;
                return;
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(reply).await.unwrap();
    }
}

/// The words of a test: the subject is filled with what somebody wrote.
fn library() -> Library {
    let words = |tag: &str, subject: &str, body: &str| {
        let text = format!(
            "[language]\ntag = \"{tag}\"\nname = \"{tag}\"\n[mail]\nasked_subject = \"{subject}\"\nasked_body = \"{body}\"\n"
        );
        Words::read(tag, &text).unwrap()
    };
    let library = Library::shipped().unwrap().with(words("en", "Proof {0} waits", "Please look."));
    library.with(words("de", "Entwurf {0} wartet", "Bitte ansehen: {0}."))
}

async fn tell(factory: &Factory, users: Vec<i64>, what: &str) {
    let notice = Notice { users, message: "asked", arguments: vec![what.to_owned()], path: "/proofs/PRF-1".to_owned() };
    let mut tx = factory.store().begin().await.unwrap();
    factory.notify(&mut tx, &notice).await.unwrap();
    nameplate::store::commit(tx).await.unwrap();
}

async fn person(factory: &Factory, email: &str, language: &str) -> i64 {
    let new = NewUser { email: email.into(), roles: "viewer".into(), language: language.into(), ..NewUser::default() };
    factory.invite(&Caller::command_line(), &new).await.unwrap().user
}

async fn a_notice_goes_out_once_in_the_persons_language(database: Database) {
    let (factory, sink) = (Factory::on(&database).await, Sink::start().await);
    let people = vec![person(&factory, "ada@bor.example", "de").await, person(&factory, "bo@bor.example", "en").await];
    tell(&factory, people, "PRF-1\r\nBcc: eve@evil.example").await;
    assert_eq!(factory.deliver_notices(&sink.mailer(), &library()).await.unwrap(), 2);
    assert_eq!(factory.deliver_notices(&sink.mailer(), &library()).await.unwrap(), 0, "once");
    let mails = sink.mails();
    let ada = mails.iter().find(|mail| mail.contains("RCPT TO:<ada@bor.example>")).unwrap();
    assert!(ada.contains("Subject: Entwurf PRF-1  Bcc: eve@evil.example wartet"), "{ada}");
    assert!(ada.contains("From: nameplate@maker.example") && ada.contains("https://labels.maker.example/proofs/PRF-1"));
    assert!(mails.iter().any(|mail| mail.contains("RCPT TO:<bo@bor.example>") && mail.contains("Please look.")));
    let head = |mail: &String| mail.split("\n\n").next().unwrap().to_owned();
    assert!(mails.iter().map(head).all(|head| !head.contains("RCPT TO:<eve") && !head.contains("\nBcc:")), "{mails:?}");
    assert!(factory.notices(10).await.unwrap().iter().all(|notice| notice.sent_us.is_some()));
}

async fn a_notice_waits_while_the_mail_server_is_away(database: Database) {
    let factory = Factory::on(&database).await;
    let user = person(&factory, "ada@bor.example", "en").await;
    tell(&factory, vec![user], "PRF-1").await;
    let away = Mailer::new("smtp://127.0.0.1:1", None, "n@maker.example", "https://l.example").unwrap();
    assert_eq!(factory.deliver_notices(&away, &library()).await.unwrap(), 0);
    let notice = &factory.notices(1).await.unwrap()[0];
    assert!(notice.sent_us.is_none() && notice.failure.is_some(), "{notice:?}");
    let sink = Sink::start().await;
    assert_eq!(factory.deliver_notices(&sink.mailer(), &library()).await.unwrap(), 0, "not at once again");
    factory.wait(61);
    assert_eq!(factory.deliver_notices(&sink.mailer(), &library()).await.unwrap(), 1);
    assert_eq!(sink.mails().len(), 1);
}

async fn nobody_gets_mail_who_may_not_sign_in(database: Database) {
    let (factory, sink) = (Factory::on(&database).await, Sink::start().await);
    let admin = NewUser { email: "root@bor.example".into(), roles: "admin".into(), ..NewUser::default() };
    factory.invite(&Caller::command_line(), &admin).await.unwrap();
    let user = person(&factory, "ada@bor.example", "en").await;
    tell(&factory, vec![user], "PRF-1").await;
    let off = nameplate::service::people::UserChange { is_active: Some(false), ..Default::default() };
    factory.change_user(&Caller::command_line(), user, &off).await.unwrap();
    assert_eq!(factory.deliver_notices(&sink.mailer(), &library()).await.unwrap(), 0);
    assert!(sink.mails().is_empty());
}

#[test]
fn what_names_no_mail_server_is_refused_without_its_password() {
    for (server, from) in [("mail.example", "n@m.example"), ("imap://u:secret@mail.example", "n@m.example")] {
        let refused = Mailer::new(server, None, from, "https://l.example").unwrap_err().to_string();
        assert!(!refused.contains("secret"), "{refused}");
    }
    assert!(Mailer::new("smtp://mail.example", None, "nobody", "https://l.example").is_err());
    let mailer =
        Mailer::new("smtps://u:secret@mail.example", Some("hidden"), "n@m.example", "https://l.example").unwrap();
    let shown = format!("{mailer:?}");
    assert!(!shown.contains("secret") && !shown.contains("hidden"), "{shown}");
}
