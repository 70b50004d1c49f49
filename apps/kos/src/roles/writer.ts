// Process role: the store's writer thread, the only one with a write connection.

import "@kos/store/writer";
