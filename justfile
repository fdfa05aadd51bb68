# What developers run. Everything here is also plain cargo.

default: check

# formatting, lints with warnings denied, all tests
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test

# the same, with PostgreSQL required instead of used where found
check-postgres:
    NAMEPLATE_REQUIRE_POSTGRES=1 cargo test

# what people see and do, in Chromium; pictures are kept in target/screenshots
check-browser:
    NAMEPLATE_REQUIRE_CHROMIUM=1 cargo test --test it browser::

demo:
    cargo run --release -- demo

# figures, as ratios within one run
bench:
    cargo bench --bench serial
    cargo bench --bench reserve
    cargo bench --bench label
    cargo bench --bench http

ci:
    bash .ci/run
