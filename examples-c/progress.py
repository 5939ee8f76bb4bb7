"""progress.py LIBRARY CONFIGURATION: a blocking call in an interpreter, which Ctrl-C ends at once.

Python runs its signal handlers between two instructions of Python, and there are none while llm_chat waits. The
progress function brings some: the library calls it ten times a second.

    python3 progress.py libllmprovider.so.0 '{"type":"auto"}'
"""

import ctypes
import signal
import sys

library = ctypes.CDLL(sys.argv[1])
library.llm_status_name.restype = ctypes.c_char_p
PROGRESS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)

interrupted = False


def interrupt(number, frame):
    global interrupted
    interrupted = True


signal.signal(signal.SIGINT, interrupt)
goes_on = PROGRESS(lambda user_data: int(interrupted))  # has to live as long as the provider

provider, text = ctypes.c_void_p(), ctypes.c_char_p()
status = library.llm_provider_new(sys.argv[2].encode(), ctypes.byref(provider), ctypes.byref(text))
if status < 0:
    sys.exit(text.value.decode())
library.llm_provider_set_progress(provider, goes_on, None)
status = library.llm_chat(provider, b'{"prompt":"Tell me a story."}', ctypes.byref(text))
if interrupted:
    print("stopped:", library.llm_status_name(status).decode())
else:
    print(library.llm_status_name(status).decode() + ":", (text.value or b"").decode())
library.llm_free(text)
library.llm_provider_free(provider)
sys.exit(130 if interrupted else 0 if status >= 0 else 1)
