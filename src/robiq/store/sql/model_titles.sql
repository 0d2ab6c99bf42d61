-- What tables and figures call a model, as its card says it. Since version 5.
CREATE TABLE IF NOT EXISTS model_titles(
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL
) WITHOUT ROWID;
