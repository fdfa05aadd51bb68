//! A small site to try the browser tests on: a form, a list, a file, and pages with faults.

use axum::Router;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>
<link rel=stylesheet href=/style.css><title>Parcels</title><main>";

const STYLE: &str = ":focus-visible { outline: 3px solid #0b5c86; outline-offset: 2px } body { font: 1rem/1.6 sans-serif }
input, select, textarea, button { font: inherit; min-height: 2rem } label { display: block }
table { border-spacing: 0 1rem }
.hidden { outline: none } .pale:focus-visible { outline-color: #ddd } .tiny { font-size: .5rem; padding: 0; min-height: 0 }
.row { line-height: 1 } .grey { color: #999 } .wide { width: 700px; background: #eee }";

/// Tells what was typed and clicked; greets after a moment, and goes again.
const SCRIPT: &str = "const said = document.querySelector('#said');
document.querySelector('#wait').addEventListener('click', () => setTimeout(() => {
  said.textContent = 'Here I am';
  setTimeout(() => said.textContent = '', 300);
}, 300));
document.querySelector('#note').addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'Enter') said.textContent = 'Noted: ' + event.target.value;
});";

const FORM: &str = "<h1>Parcels</h1>
<form method=post action=/parcels>
<label for=sku>SKU</label><input id=sku name=sku value=old autofocus>
<label for=day>Day</label><input id=day name=day type=date>
<label for=size>Size</label><select id=size name=size><option value=s>Small<option value=l>Large</select>
<label><input type=checkbox name=fragile value=yes> Fragile</label>
<button>Pack</button> <button disabled>Ship</button>
</form>
<label for=note>Note</label><textarea id=note></textarea>
<label for=file>Picture</label><input id=file type=file>
<button id=wait type=button>Wait</button> <output id=said></output>
<table><tr><td>P-1<td><a href=/parcels/1>Open</a><tr><td>P-2<td><a href=/parcels/2>Open</a></table>
<p><a href=/list.csv>Download the list</a></p>
<noscript><p>No scripts here</p></noscript><script src=/try.js></script>";

/// Each of these breaks a rule.
const FAULTY: &str = "<h1>One</h1><h1>Two</h1><p class=grey>Too pale to read.</p>
<img src=/dot.svg alt=dot><input id=twice aria-label=First><input id=twice aria-label=Second>
<div class=wide>Wider than a phone</div>
<p class=row><button class=tiny>a</button><button class=tiny>b</button></p>
<p><button class=hidden>Unseen focus</button> <button class=pale>Pale focus</button></p>
<p><input></p><p><textarea id=trap aria-label=Trap></textarea> <button>Beyond</button></p><script src=/trap.js></script>
<table tabindex=3><tr><td>first of all</table>";

/// Keeps the focus where it is.
const TRAP: &str = "document.querySelector('#trap').addEventListener('keydown', (event) => event.preventDefault())";

/// Each of these logs something.
const LOUD: &str =
    "<h1>Loud</h1><p style='color: red'>x<script>alert(1)</script><img src=/missing.png alt=missing width=1 height=1>
<img src=http://elsewhere.example/x.png alt=elsewhere width=1 height=1><script src=/loud.js></script>";

pub fn router() -> Router {
    Router::new()
        .route("/", get(|| page(FORM)))
        .route("/parcels", post(pack))
        .route("/parcels/{id}", get(|uri: axum::http::Uri| shown(uri.to_string())))
        .route("/hello", get(hello))
        .route("/list.csv", get(list))
        .route("/faulty", get(|| page(FAULTY)))
        .route("/loud", get(|| page(LOUD)))
        .route("/style.css", get(|| sent("text/css", STYLE)))
        .route("/trap.js", get(|| sent("text/javascript", TRAP)))
        .route("/try.js", get(|| sent("text/javascript", SCRIPT)))
        .route(
            "/loud.js",
            get(|| sent("text/javascript", "console.error('so loud'); confirm('Sure?'); nothing.at.all")),
        )
        .fallback(|| async { (StatusCode::NOT_FOUND, page("<h1>Not here</h1>").await) })
        .route("/dot.svg", get(|| sent("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>")))
}

async fn page(main: &str) -> Response {
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(format!("{HEAD}{main}"))).into_response()
}

async fn sent(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// A form that was filled in badly is drawn again; a good one leads on.
async fn pack(body: String) -> Response {
    if body.contains("sku=&") {
        let again = page("<h1>Parcels</h1><p role=alert>Which SKU?</p>").await;
        return (StatusCode::UNPROCESSABLE_ENTITY, again).into_response();
    }
    Redirect::to(&format!("/parcels/new?{body}")).into_response()
}

async fn shown(what: String) -> Response {
    page(&format!("<h1>{}</h1><p>{}</p>", "A parcel", what.replace('&', " "))).await
}

/// Greets in the language that was asked for, and whoever has been here.
async fn hello(headers: HeaderMap) -> Response {
    let text = |name: HeaderName| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let main = format!("<h1>{}</h1><p>{}</p>", text(header::ACCEPT_LANGUAGE), text(header::COOKIE));
    ([(header::SET_COOKIE, "seen=1; HttpOnly; SameSite=Lax")], page(&main).await).into_response()
}

async fn list() -> Response {
    let kept = "attachment; filename=\"parcels.csv\"";
    ([(header::CONTENT_TYPE, "text/csv"), (header::CONTENT_DISPOSITION, kept)], "sku,count\n").into_response()
}
