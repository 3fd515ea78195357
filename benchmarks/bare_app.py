"""The least that a server on Vega's HTTP libraries does: the baseline of `start`."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}
