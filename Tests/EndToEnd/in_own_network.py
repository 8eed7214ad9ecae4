"""Runs a program in a network namespace that nobody else is in, and relays a unix
socket to the port on which it listens there.

    unshare --net python in_own_network.py SOCKET PORT PROGRAM [ARGUMENT …]

The program reaches nothing but itself, and is reached by whoever may write to the
socket.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import struct
import sys

# Linux, if.h and sockios.h.
SET_FLAGS, UP = 0x8914, 1


def open_loopback():
    """In a new namespace it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))


async def pass_on(reader, writer):
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def relay(reader, writer, port):
    with contextlib.suppress(ConnectionError):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer))
        inner_writer.close()
    writer.close()


async def main(path, port, *command):
    open_loopback()
    os.umask(0o117)
    server = await asyncio.start_unix_server(lambda *streams: relay(*streams, int(port)), path)
    os.umask(0o022)
    program = await asyncio.create_subprocess_exec(*command)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, program.terminate)
    async with server:
        sys.exit(await program.wait())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
