// Placeholder: the text of the classic worker.
self.onmessage = (event) => self.postMessage(event.data);
