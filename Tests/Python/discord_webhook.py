"""discord.py's webhooks against a server of ours, with nothing changed but the address: prints what it saw as JSON, a line each.

Arguments: the address up to /webhooks, then the webhook's id and token, a thread's id, a person's id.
"""

import asyncio
import datetime
import json
import sys

import aiohttp
import discord
from discord.http import Route

base, identifier, token, thread, person = sys.argv[1:]
Route.BASE = base
MOMENT = datetime.datetime(2026, 1, 31, 12, 0, 0, tzinfo=datetime.timezone.utc)


def embed():
    card = discord.Embed(
        title="Build", description="It works", colour=discord.Colour.red(), timestamp=MOMENT, url="https://example.org/"
    )
    card.set_author(name="ci", url="https://example.org/ci")
    card.set_footer(text="the end")
    card.add_field(name="branch", value="main", inline=True)
    return card


def seen(message):
    card = message.embeds[0] if message.embeds else None
    return {
        "content": message.content,
        "author": message.author.name,
        "webhook": str(message.webhook_id),
        "channel": str(message.channel.id),
        "mentions": [user.name for user in message.mentions],
        "edited": message.edited_at is not None,
        "embed": card and [card.title, card.colour.value, card.timestamp.isoformat(), card.author.name, card.fields[0].value],
    }


def tell(name, value):
    print(json.dumps({name: value}))


def synchronous():
    hook = discord.SyncWebhook.partial(int(identifier), token)
    tell("nothing", hook.send("not awaited") is None)
    message = hook.send(
        f"hello <@{person}>", username="Builder", embed=embed(), wait=True, avatar_url="https://example.org/a.png"
    )
    tell("sent", seen(message))
    tell("fetched", seen(hook.fetch_message(message.id)))
    tell("changed", seen(message.edit(content="changed", embeds=[])))
    message.delete()
    try:
        hook.fetch_message(message.id)
    except discord.NotFound:
        tell("gone", True)
    place = discord.Object(int(thread))
    inside = hook.send("in the thread", thread=place, wait=True)
    tell("thread", seen(inside))
    tell("thread fetched", seen(hook.fetch_message(inside.id, thread=place)))
    quiet = discord.AllowedMentions.none()
    tell("quiet", seen(hook.send(f"hush <@{person}>", allowed_mentions=quiet, wait=True)))
    try:
        discord.SyncWebhook.partial(int(identifier), "x" * 60).send("no")
    except discord.HTTPException as error:
        tell("wrong token", error.status)


async def asynchronous():
    async with aiohttp.ClientSession() as session:
        hook = discord.Webhook.partial(int(identifier), token, session=session)
        fetched = await hook.fetch()
        tell("webhook", [fetched.name, str(fetched.channel_id), str(fetched.guild_id), fetched.type.name])
        message = await hook.send("hello again", embeds=[embed()], wait=True)
        tell("asynchronous", seen(message))
        tell("asynchronous edit", seen(await message.edit(content="changed again")))
        await message.delete()
        renamed = await hook.edit(name="Renamed")
        tell("renamed", renamed.name)
        await hook.delete()
        tell("deleted", True)


synchronous()
asyncio.run(asynchronous())
