"""Opens a page in headless Chromium: time until it is painted, script errors, requests, and pictures of it.

    python3 -m venv look && look/bin/pip install websocket-client
    look/bin/python tests/report/look_at_page.py page.html /tmp/page

writes /tmp/page_wide_light.png and so on: 1280 and 390 pixels wide, light and dark.
"""

import base64
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket

PORT = 9333
PAINTED = """new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""


class Tab:
    def __init__(self, url):
        self.socket, self.calls, self.events = websocket.create_connection(url, timeout=60), 0, []

    def receive(self):
        message = json.loads(self.socket.recv())
        if "method" in message:
            self.events.append(message)
        return message

    def call(self, method, **parameters):
        self.calls += 1
        self.socket.send(json.dumps({"id": self.calls, "method": method, "params": parameters}))
        while True:
            message = self.receive()
            if message.get("id") == self.calls:
                return message["result"]

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, awaitPromise=True)["result"]["value"]

    def load(self, url):
        """Milliseconds until the second frame after the load event."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.receive()
        return self.value(PAINTED)


def first_tab():
    for _ in range(100):
        try:
            tabs = json.load(urllib.request.urlopen(f"http://127.0.0.1:{PORT}/json"))
            return Tab(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Chromium does not answer")


def look(tab, page, out):
    for part in ("Page", "Runtime", "Log", "Network"):
        tab.call(part + ".enable")
    times = []
    for _ in range(5):
        tab.load("about:blank")
        times.append(round(tab.load(page)))
    faults = [event for event in tab.events
              if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")]
    asked = [event["params"]["request"]["url"] for event in tab.events if event["method"] == "Network.requestWillBeSent"]
    print("ms until painted, five times:", times)
    print("faults:", faults, "requests:", [url for url in asked if not url.startswith("data:")])
    for (name, width), scheme in itertools.product((("wide", 1280), ("phone", 390)), ("light", "dark")):
        tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=name == "phone")
        tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        tab.load(page)
        size = json.loads(tab.value("JSON.stringify([document.documentElement.scrollWidth, document.documentElement.scrollHeight])"))
        print(name, scheme, "is", size[0], "x", size[1])
        picture = tab.call("Page.captureScreenshot", captureBeyondViewport=True,
                           clip={"x": 0, "y": 0, "width": width, "height": min(size[1], 16000), "scale": 1})
        pathlib.Path(f"{out}_{name}_{scheme}.png").write_bytes(base64.b64decode(picture["data"]))


def main():
    page, out = pathlib.Path(sys.argv[1]).resolve().as_uri(), sys.argv[2]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        chromium = subprocess.Popen(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                                     f"--remote-debugging-port={PORT}", "--remote-allow-origins=*",
                                     f"--user-data-dir={profile}", "about:blank"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            look(first_tab(), page, out)
        finally:
            chromium.terminate()
            chromium.wait()


if __name__ == "__main__":
    main()
