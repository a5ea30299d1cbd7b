-- Layout 1 of studio.db. Times are in ms since 1970; texts named *_json hold JSON.
CREATE TABLE dream (
  id TEXT PRIMARY KEY,
  parent TEXT NOT NULL DEFAULT '',     -- the dream whose recipe or picture it began with; empty: none
  basis TEXT NOT NULL DEFAULT '',      -- again | go_on
  kind TEXT NOT NULL,                  -- image | zoom | video | sweep | atlas | redo
  made INTEGER NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  star INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',     -- asset:ID | dream:ID
  source_name TEXT NOT NULL DEFAULT '',
  network TEXT NOT NULL DEFAULT '',
  layers_json TEXT NOT NULL DEFAULT '[]',
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  frames INTEGER NOT NULL DEFAULT 0,
  seconds REAL NOT NULL DEFAULT 0,     -- that it took
  file TEXT NOT NULL,                  -- below dreams/
  bytes INTEGER NOT NULL DEFAULT 0,
  document_json TEXT NOT NULL DEFAULT '',
  deleted INTEGER NOT NULL DEFAULT 0,  -- when it went to the bin; 0: it did not
  lost INTEGER NOT NULL DEFAULT 0      -- its file is gone
) WITHOUT ROWID;
CREATE INDEX dream_parent ON dream(parent);
CREATE INDEX dream_source ON dream(source) WHERE parent = '';
CREATE INDEX dream_star ON dream(id) WHERE star = 1;

CREATE TABLE asset (
  id TEXT PRIMARY KEY,                 -- SHA-256 of the bytes
  kind TEXT NOT NULL,                  -- image | video | recipe
  name TEXT NOT NULL,
  type TEXT NOT NULL,                  -- media type
  file TEXT NOT NULL,                  -- below assets/
  width INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL,
  made INTEGER NOT NULL,
  dream INTEGER NOT NULL DEFAULT 0     -- it carries a recipe
) WITHOUT ROWID;

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  place INTEGER NOT NULL,              -- order in the queue
  request_json TEXT NOT NULL
) WITHOUT ROWID;

-- What is remembered by name: the state of the page, the speed of this machine.
CREATE TABLE remembered (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
