using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "worker",
      worker = (
        modules = [ ( name = "worker", esModule = embed "out/worker.js" ) ],
        compatibilityDate = "2026-01-01",
        bindings = [
          ( name = "HERA_URL", fromEnvironment = "HERA_URL" ),
          ( name = "HERA_TOKEN", fromEnvironment = "HERA_TOKEN" ),
          ( name = "HUBSPOT_CLIENT_SECRET", fromEnvironment = "HUBSPOT_CLIENT_SECRET" ),
        ],
        globalOutbound = "network",
      )
    ),
    ( name = "network", network = ( allow = ["public", "private", "local"] ) ),
  ],
  sockets = [ ( name = "http", address = "127.0.0.1:0", http = (), service = "worker" ) ],
);
