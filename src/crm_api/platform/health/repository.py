from crm_api.kit.context import House

REVISION = "SELECT version_num FROM alembic_version"


async def revision(house: House) -> str | None:
    """The revision that the database is at; raises what the driver raises."""
    async with house.pool.line() as line:
        found: str | None = await line.driver.fetchval(REVISION)
        return found
