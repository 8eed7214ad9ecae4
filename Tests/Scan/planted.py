"""A page with an SQL injection and a reflected script: a scanner that does not
find them finds nothing. Listens on 127.0.0.1 only.

    planted.py PORT
"""

import http.server
import sqlite3
import sys
import urllib.parse

database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("CREATE TABLE person (name TEXT)")
database.execute("INSERT INTO person VALUES ('owner')")


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        try:
            found = database.execute(f"SELECT name FROM person WHERE name = '{query.get('name', '')}'").fetchall()
            text = f"<ul>{'<li>somebody who has an account here</li>' * len(found)}</ul>" if found else "<p>Nobody.</p>"
        except sqlite3.Error as error:
            text = f"<p>Warning: SQLite3::query(): {error}</p>"
        links = '<a href="/?name=owner">owner</a> <a href="/?said=hello">hello</a>'
        body = f"<html><body>{links}{text}<p>{query.get('said', '')}</p></body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
