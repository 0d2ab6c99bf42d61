-- What tables and figures need to know of an attack, as its card says it. Since version 4.
CREATE TABLE IF NOT EXISTS attacks(
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  rank INTEGER NOT NULL,
  strength TEXT NOT NULL,
  white_box INTEGER NOT NULL,
  score_only INTEGER NOT NULL
) WITHOUT ROWID;
