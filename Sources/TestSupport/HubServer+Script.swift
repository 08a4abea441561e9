extension HubServer {
  /// The server. What it does in a mode stands where the mode's name is.
  static let script = #"""
    import hashlib, http.server, json, os, socket, sys, threading, time
    root = sys.argv[1]
    files, blobs, seen, lock = {}, {}, {}, threading.Lock()
    for folder, _, names in os.walk(root + "/repository"):
        for name in names:
            path = os.path.join(folder, name)
            data = open(path, "rb").read()
            digest = hashlib.sha256(data).hexdigest()
            files[os.path.relpath(path, root + "/repository")] = digest
            blobs[digest] = data
    commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
    PIECE = 1 << 14

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            with lock:
                fields = [self.server.part, self.command, self.path, self.headers.get("Range", ""),
                          self.headers.get("Authorization", "")]
                with open(root + "/log", "a") as log:
                    log.write("\t".join(fields) + "\n")
            mode, _, rest = self.path.lstrip("/").partition("/")
            try:
                if self.server.part == "store":
                    self.contents(mode, rest.rpartition("/")[2])
                elif rest.startswith("api/models/"):
                    self.listing(mode, rest)
                else:
                    self.resolve(mode, rest)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def answer(self, status, body=b"", **fields):
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def often(self, mode, limit):
            # True for the first `limit` requests of a mode.
            with lock:
                seen[mode] = seen.get(mode, 0) + 1
                return seen[mode] <= limit

        def refused(self, mode):
            if mode == "token" and self.headers.get("Authorization") != "Bearer hf_secret":
                return 401, {}
            if mode == "gated":
                return 403, {"X_Error_Code": "GatedRepo"}
            if mode.startswith("api-"):
                return int(mode[4:]), {}
            if mode == "busy" and self.often(mode, 2):
                return 429, {"Retry_After": "0"}
            return None

        def listing(self, mode, rest):
            refused = self.refused(mode)
            if refused:
                return self.answer(refused[0], b"no", **refused[1])
            if "tester/tiny-GGUF" not in rest:
                return self.answer(401, b"no", X_Error_Code="RepoNotFound")
            if mode == "garbage":
                return self.answer(200, b"<html>welcome to the hotel</html>")
            siblings = []
            for path, digest in sorted(files.items()):
                size = len(blobs[digest])
                entry = {"rfilename": path, "size": size, "lfs": {"sha256": digest, "size": size}}
                if mode == "norecord":
                    del entry["lfs"]
                if mode == "hostile":
                    entry["rfilename"] = "../../../escaped/" + path
                siblings.append(entry)
            body = {"sha": "../main" if mode == "nocommit" else commit, "siblings": siblings}
            self.answer(200, json.dumps(body).encode(), Content_Type="application/json")

        def resolve(self, mode, rest):
            refused = self.refused(mode)
            if refused:
                return self.answer(refused[0], b"no", **refused[1])
            path = rest.split("?")[0].split("/", 4)[4]
            if path not in files:
                return self.answer(404, b"no", X_Error_Code="EntryNotFound")
            digest = files[path]
            place = f"http://localhost:{self.server.store}/{mode}/{digest}"
            if mode == "loop":
                place = self.path
            tag = "0" * 64 if mode == "changed" else digest
            self.answer(302, Location=place, ETag=f'"{tag}"', X_Linked_Etag=f'"{tag}"',
                        X_Linked_Size=str(len(blobs[digest])), X_Repo_Commit=commit)

        def contents(self, mode, digest):
            data = blobs[digest]
            if mode.startswith("store-"):
                return self.answer(int(mode[6:]), b"no")
            if mode == "flaky" and self.often(mode, 2):
                return self.answer(503, b"no")
            if mode == "wrong":
                data = data[:-1] + bytes([data[-1] ^ 1])
            if mode == "longer":
                data += b"more"
            if mode == "shorter":
                data = data[:-10]
            first, status, fields = 0, 200, {"ETag": f'"{digest}"'}
            wanted = self.headers.get("Range")
            if mode == "norange":
                wanted = None
            if wanted and mode == "416" and self.often(mode, 1):
                return self.answer(416, b"no")
            if wanted:
                first, status = int(wanted[len("bytes="):].split("-")[0]), 206
                if mode == "shifted":
                    first += 1
                if first >= len(data):
                    return self.answer(416, b"no")
                fields["Content_Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            body = data[first:]
            if mode == "cut" and len(body) > 200_000 or mode == "dead":
                return self.cut(status, body, 0 if mode == "dead" else 200_000, fields)
            if mode == "norange" and self.often(mode, 1):
                return self.cut(status, body, 200_000, fields)
            if mode == "silent" and self.often(mode, 1):
                return self.cut(status, body, 100_000, fields, wait=30)
            if mode == "slow":
                return self.cut(status, body, len(body), fields, pause=0.02)
            self.answer(status, body, **fields)

        def cut(self, status, body, count, fields, wait=0, pause=0):
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for start in range(0, count, PIECE):
                self.wfile.write(body[start:min(start + PIECE, count)])
                time.sleep(pause)
            self.wfile.flush()
            time.sleep(wait)
            if count < len(body):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *words):
            pass

    store = Server(("127.0.0.1", 0), Handler)
    store.part = "store"
    hub = Server(("127.0.0.1", 0), Handler)
    hub.part, hub.store = "hub", store.server_address[1]
    threading.Thread(target=store.serve_forever, daemon=True).start()
    parent = os.getppid()
    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    print(hub.server_address[1], flush=True)
    hub.serve_forever()
    """#
}
