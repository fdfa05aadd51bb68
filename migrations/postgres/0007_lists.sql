-- Indexes for the lists and the start page that people look at all day.
-- Why: a page answers within 50 ms at a million blocks and ten thousand SKUs, so each list goes by an index and reads no more
-- than it shows. What is open is little, whatever there was before: those indexes hold open rows only.

CREATE INDEX station_sku_by_sku ON station_sku (sku_id, station);
CREATE INDEX block_by_station ON block (station, id);
CREATE INDEX block_in_debt ON block (batch_id) WHERE printed > 0;
CREATE INDEX print_job_unconfirmed ON print_job (id) WHERE unconfirmed > 0;
CREATE INDEX print_job_resting ON print_job (id) WHERE state IN ('held', 'stopped') AND queued > 0;
CREATE INDEX api_token_ending ON api_token (expires_us) WHERE expires_us IS NOT NULL;
