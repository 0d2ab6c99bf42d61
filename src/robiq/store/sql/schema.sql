-- Version 5 of the results database. The version stands in meta; NULL means not measured.
-- 0x72627171: "rbqq", so that a file can be told from other programs' databases.
PRAGMA application_id = 1919054193;

CREATE TABLE meta(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES('schema_version', '5');

CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  command TEXT NOT NULL,
  config_toml TEXT NOT NULL,
  config_sha256 TEXT NOT NULL,
  robiq_version TEXT NOT NULL,
  torch_version TEXT NOT NULL,
  device TEXT NOT NULL,
  threads INTEGER NOT NULL,
  seed INTEGER NOT NULL,
  started_utc TEXT NOT NULL,
  finished_utc TEXT NOT NULL,
  status TEXT NOT NULL CHECK(status IN ('running', 'finished', 'interrupted', 'failed'))
);
CREATE INDEX runs_by_config ON runs(config_sha256);

-- A trained thing: a baseline, or its twin under a defense.
CREATE TABLE models(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  defense TEXT NOT NULL,
  weights_sha256 TEXT NOT NULL,
  card_json TEXT NOT NULL
);
CREATE INDEX models_by_name ON models(name, defense, weights_sha256);

CREATE TABLE images(
  id INTEGER PRIMARY KEY,
  dataset TEXT NOT NULL,
  split_sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  content TEXT NOT NULL,
  mos REAL,
  mos_normalised REAL,
  thumbnail BLOB
);
CREATE INDEX images_by_name ON images(name, dataset, split_sha256);

-- attack 'none' is the clean row; attack_options are JSON, {"epsilon":"0.005"}, or "" for none; before, after and after_8bit are on the scale 0..100.
CREATE TABLE scores(
  run INTEGER NOT NULL REFERENCES runs(id),
  model INTEGER NOT NULL REFERENCES models(id),
  image INTEGER NOT NULL REFERENCES images(id),
  attack TEXT NOT NULL,
  attack_options TEXT NOT NULL,
  level TEXT NOT NULL,
  surrogate TEXT NOT NULL,
  before REAL,
  after REAL,
  after_8bit REAL,
  before_native REAL,
  after_native REAL,
  linf REAL,
  l2 REAL,
  ssim REAL,
  psnr_db REAL,
  lpips REAL,
  gradient_l1 REAL,
  forwards INTEGER NOT NULL,
  backwards INTEGER NOT NULL,
  seconds REAL,
  artifact TEXT NOT NULL,
  PRIMARY KEY(run, model, image, attack, attack_options, level, surrogate)
) WITHOUT ROWID;

CREATE TABLE measures(
  run INTEGER NOT NULL REFERENCES runs(id),
  model INTEGER NOT NULL REFERENCES models(id),
  dataset TEXT NOT NULL,
  attack TEXT NOT NULL,
  attack_options TEXT NOT NULL,
  level TEXT NOT NULL,
  surrogate TEXT NOT NULL,
  block TEXT NOT NULL CHECK(block IN ('mos_before', 'mos_after', 'before_after')),
  measure TEXT NOT NULL,
  value REAL,
  low REAL,
  high REAL,
  note TEXT NOT NULL,
  PRIMARY KEY(run, model, dataset, attack, attack_options, level, surrogate, block, measure)
) WITHOUT ROWID;

CREATE TABLE flags(
  run INTEGER NOT NULL REFERENCES runs(id),
  model INTEGER NOT NULL REFERENCES models(id),
  attack TEXT NOT NULL,
  flag TEXT NOT NULL,
  severity TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY(run, model, attack, flag)
) WITHOUT ROWID;

-- What a study has done.
CREATE TABLE cells(
  study TEXT NOT NULL,
  cell TEXT NOT NULL,
  state TEXT NOT NULL,
  run INTEGER REFERENCES runs(id),
  error TEXT NOT NULL,
  PRIMARY KEY(study, cell)
) WITHOUT ROWID;
