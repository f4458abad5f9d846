"""An S3 service with one empty bucket: prints its port."""

import signal

import boto3
import parent
from moto.server import ThreadedMotoServer

parent.exit_with_parent()
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
boto3.client(
    "s3", endpoint_url=f"http://{host}:{port}", aws_access_key_id="key", aws_secret_access_key="secret",
    region_name="us-east-1",
).create_bucket(Bucket="nest")
print(port, flush=True)
signal.pause()
