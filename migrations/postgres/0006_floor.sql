-- The factory floor: what people made of conflicts, and indexes for what its pages look for.
-- Why: a conflict stays as it was found, so what somebody made of it stands beside it, once and for good. The pages show
-- labels that nobody knows about across all jobs, the queue without the jobs that are done, and the leases of a
-- printer; each has to be found without reading what is long settled.

-- `id` is its place in the audit chain.
CREATE TABLE station_conflict_closing (
    conflict_id BIGINT PRIMARY KEY NOT NULL REFERENCES station_conflict (id),
    id          BIGINT NOT NULL UNIQUE,
    note        TEXT NOT NULL,
    actor       TEXT NOT NULL,
    closed_us   BIGINT NOT NULL
);
CREATE TRIGGER station_conflict_closing_is_never_edited BEFORE UPDATE OR DELETE ON station_conflict_closing
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER station_conflict_closing_is_never_emptied BEFORE TRUNCATE ON station_conflict_closing
    EXECUTE FUNCTION refuse_change();
CREATE INDEX station_conflict_by_station ON station_conflict (station, id);

CREATE INDEX print_job_open ON print_job (id) WHERE queued + leased + handed_over + unconfirmed > 0;
CREATE INDEX print_job_canceled ON print_job (id) WHERE state = 'canceled';
CREATE INDEX print_label_unconfirmed ON print_label (attempt_id, first_ordinal) WHERE state = 'unconfirmed';
CREATE INDEX print_attempt_by_printer ON print_attempt (printer_id, id);
