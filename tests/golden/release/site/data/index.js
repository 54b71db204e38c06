window.AVBROTT = {"figures": [{"y": [1, null]}]};
