"""Roles and row level security, as SQL for migrations; every statement may run again."""

from collections.abc import Iterator

OWNER, APP = "crm_owner", "crm_app"
TENANT = "(SELECT current_setting('app.tenant')::uuid)"
STATEMENT_SECONDS, LOCK_SECONDS = 5, 2
SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "10s",
    "client_connection_check_interval": "500ms",  # who hangs up leaves no statement running
}

CHAINS = """
CREATE OR REPLACE FUNCTION chains(fact text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF fact = ANY (string_to_array(current_setting('app.named_facts', true), ',')) THEN
    RETURN true;
  END IF;
  RAISE lock_not_available USING MESSAGE = 'only a later release chains this row';
END $$"""


def create_roles() -> Iterator[str]:
    """The owner owns and migrates; the app reads and writes rows and owns nothing."""
    yield from _role(OWNER, "NOLOGIN")
    yield from _role(APP, "LOGIN")
    for name, value in SETTINGS.items():
        yield f"ALTER ROLE {APP} SET {name} = '{value}'"
    yield f"GRANT {OWNER}, {APP} TO CURRENT_USER"
    yield f"GRANT USAGE ON SCHEMA public TO {APP}"
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}"


def protect(table: str) -> Iterator[str]:
    """Rows of the transaction's tenant, and no other, whoever asks."""
    yield from own(table)
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS tenant ON {table}"
    yield (
        f"CREATE POLICY tenant ON {table} "
        f"USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )


def own(table: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} OWNER TO {OWNER}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP}"


def append_only(table: str, *, erasable: bool, settable: tuple[str, ...] = ()) -> Iterator[str]:
    """Rows that the app adds and does not change, except for the columns named."""
    yield f"REVOKE UPDATE{'' if erasable else ', DELETE'} ON {table} FROM {APP}"
    if settable:
        yield f"GRANT UPDATE ({', '.join(settable)}) ON {table} TO {APP}"


def sealed(table: str, column: str) -> Iterator[str]:
    """Rows that the app changes no more once this column has a value."""
    yield f"DROP POLICY IF EXISTS sealed ON {table}"
    yield (
        f"CREATE POLICY sealed ON {table} AS RESTRICTIVE FOR UPDATE "
        f"USING (tenant_id = {TENANT} AND {column} IS NULL) WITH CHECK (tenant_id = {TENANT})"
    )


def chained(table: str, fact: str) -> Iterator[str]:
    """A row that has this fact gets its hash only from who says that he chains it.

    A worker of the release before would leave it out, and the row would look changed for ever. He
    is told that it is busy, and comes again.
    """
    yield CHAINS
    yield f"ALTER FUNCTION chains(text) OWNER TO {OWNER}"
    yield (
        f"ALTER POLICY sealed ON {table} WITH CHECK (tenant_id = {TENANT} AND CASE "
        f"WHEN {fact} IS NOT NULL AND hash IS NOT NULL THEN chains('{fact}') ELSE true END)"
    )


def unchained(table: str) -> Iterator[str]:
    yield from sealed(table, "hash")
    yield "DROP FUNCTION chains(text)"


def _role(name: str, options: str) -> Iterator[str]:
    """Roles belong to the cluster, so another database may have made it, even at this moment."""
    yield (
        f"DO $$ BEGIN CREATE ROLE {name} {options}; "
        f"EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
