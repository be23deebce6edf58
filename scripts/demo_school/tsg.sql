-- 图书馆系统（tsg）：书目、馆藏、流通、电子资源，图书馆主管
-- 表前缀：ts_ 图书，dz_ 电子资源

CREATE TABLE ts_dm_ztf (
    dm char(1)     PRIMARY KEY,
    mc varchar(60) NOT NULL
);
COMMENT ON TABLE ts_dm_ztf IS '中图法大类码';
COMMENT ON COLUMN ts_dm_ztf.dm IS '大类号';
COMMENT ON COLUMN ts_dm_ztf.mc IS '大类名称';
INSERT INTO ts_dm_ztf VALUES
    ('B', '哲学、宗教'), ('F', '经济'),
    ('G', '文化、科学、教育、体育'), ('H', '语言、文字'),
    ('O', '数理科学和化学'), ('T', '工业技术'),
    ('X', '环境科学、安全科学');

CREATE TABLE ts_dm_dzlx (
    dm   varchar(2)  PRIMARY KEY,
    mc   varchar(20) NOT NULL,
    kjcs smallint
);
COMMENT ON TABLE ts_dm_dzlx IS '读者类型码';
COMMENT ON COLUMN ts_dm_dzlx.dm IS '代码';
COMMENT ON COLUMN ts_dm_dzlx.mc IS '名称';
COMMENT ON COLUMN ts_dm_dzlx.kjcs IS '可借册数';
INSERT INTO ts_dm_dzlx VALUES
    ('1', '教工', 20), ('2', '学生', 10), ('3', '校友', 2);

CREATE TABLE ts_sm (
    smid bigint       PRIMARY KEY,
    isbn varchar(17),
    tm   varchar(200) NOT NULL,
    zrz  varchar(100),
    cbs  varchar(60),
    cbnf char(4),
    flh  varchar(30),
    ztf  char(1)      REFERENCES ts_dm_ztf (dm)
);
COMMENT ON TABLE ts_sm IS '书目表（CNMARC）';
COMMENT ON COLUMN ts_sm.smid IS '书目编号';
COMMENT ON COLUMN ts_sm.isbn IS '书号';
COMMENT ON COLUMN ts_sm.tm IS '题名';
COMMENT ON COLUMN ts_sm.zrz IS '责任者';
COMMENT ON COLUMN ts_sm.cbs IS '出版社';
COMMENT ON COLUMN ts_sm.cbnf IS '出版年';
COMMENT ON COLUMN ts_sm.flh IS '分类号';
COMMENT ON COLUMN ts_sm.ztf IS '中图法大类码';
INSERT INTO ts_sm VALUES
    (1, NULL, '数据库技术基础', '示例编者', '示例出版社', '2022', 'TP311.13', 'T'),
    (2, NULL, '工业机器人操作', '示例编者', '示例出版社', '2023', 'TP242', 'T'),
    (3, NULL, '职业教育概论', '示例编者', '示例出版社', '2020', 'G71', 'G');

CREATE TABLE ts_gc (
    tmh  varchar(20)   PRIMARY KEY,
    smid bigint        NOT NULL REFERENCES ts_sm (smid),
    gcd  varchar(40),
    zt   varchar(10),
    dj   numeric(10,2)
);
COMMENT ON TABLE ts_gc IS '馆藏复本表';
COMMENT ON COLUMN ts_gc.tmh IS '条码号';
COMMENT ON COLUMN ts_gc.smid IS '书目编号';
COMMENT ON COLUMN ts_gc.gcd IS '馆藏地';
COMMENT ON COLUMN ts_gc.zt IS '馆藏状态';
COMMENT ON COLUMN ts_gc.dj IS '单价（元）';
INSERT INTO ts_gc VALUES
    ('00100001', 1, '东区借阅室', '在架', 49.00),
    ('00100002', 1, '东区借阅室', '借出', 49.00),
    ('00100003', 2, '工业技术借阅室', '在架', 58.00);

CREATE TABLE ts_dz (
    dzzh varchar(20) PRIMARY KEY,
    ryh  varchar(12) NOT NULL,
    xm   varchar(60),
    dzlx varchar(2)  REFERENCES ts_dm_dzlx (dm),
    yxqz date
);
COMMENT ON TABLE ts_dz IS '读者表';
COMMENT ON COLUMN ts_dz.dzzh IS '读者证号';
COMMENT ON COLUMN ts_dz.ryh IS '学号或工号';
COMMENT ON COLUMN ts_dz.xm IS '姓名';
COMMENT ON COLUMN ts_dz.dzlx IS '读者类型码';
COMMENT ON COLUMN ts_dz.yxqz IS '有效期至';
INSERT INTO ts_dz VALUES
    ('D2023010101', '2023010101', '学生甲', '2', '2026-07-15'),
    ('D-G2001', 'G2001', '教师甲', '1', '2030-12-31');

CREATE TABLE ts_jyls (
    lsid bigint      PRIMARY KEY,
    dzzh varchar(20) NOT NULL REFERENCES ts_dz (dzzh),
    tmh  varchar(20) NOT NULL REFERENCES ts_gc (tmh),
    jcsj timestamp   NOT NULL,
    yhrq date,
    hhsj timestamp
);
COMMENT ON TABLE ts_jyls IS '借阅流水表';
COMMENT ON COLUMN ts_jyls.lsid IS '流水号';
COMMENT ON COLUMN ts_jyls.dzzh IS '读者证号';
COMMENT ON COLUMN ts_jyls.tmh IS '条码号';
COMMENT ON COLUMN ts_jyls.jcsj IS '借出时间';
COMMENT ON COLUMN ts_jyls.yhrq IS '应还日期';
COMMENT ON COLUMN ts_jyls.hhsj IS '归还时间';
INSERT INTO ts_jyls VALUES
    (1, 'D2023010101', '00100002', '2024-10-09 16:20:00', '2024-11-08', NULL),
    (2, 'D-G2001', '00100003', '2024-09-11 10:00:00', '2024-12-10', '2024-11-20 09:15:00');

CREATE TABLE ts_yqfk (
    id   bigint       PRIMARY KEY,
    lsid bigint       NOT NULL REFERENCES ts_jyls (lsid),
    yqts integer,
    je   numeric(8,2)
);
COMMENT ON COLUMN ts_yqfk.id IS '记录号';
COMMENT ON COLUMN ts_yqfk.lsid IS '流水号';
COMMENT ON COLUMN ts_yqfk.yqts IS '逾期天数';
COMMENT ON COLUMN ts_yqfk.je IS '金额（元）';
INSERT INTO ts_yqfk VALUES
    (1, 1, 12, 1.20);

CREATE TABLE ts_rgtj (
    rq   date        NOT NULL,
    gcd  varchar(40) NOT NULL,
    rgrs integer     NOT NULL,
    PRIMARY KEY (rq, gcd)
);
COMMENT ON TABLE ts_rgtj IS '入馆统计表';
COMMENT ON COLUMN ts_rgtj.rq IS '日期';
COMMENT ON COLUMN ts_rgtj.gcd IS '馆区';
COMMENT ON COLUMN ts_rgtj.rgrs IS '入馆人次';
INSERT INTO ts_rgtj VALUES
    ('2024-10-10', '总馆', 1862), ('2024-10-11', '总馆', 1705),
    ('2024-10-10', '东校区分馆', 430);

CREATE TABLE dz_sjk (
    sjkid integer      PRIMARY KEY,
    sjkmc varchar(100) NOT NULL,
    gys   varchar(100),
    zylx  varchar(20),
    dqrq  date,
    fwfs  varchar(60)
);
COMMENT ON TABLE dz_sjk IS '电子文献数据库表';
COMMENT ON COLUMN dz_sjk.sjkid IS '数据库编号';
COMMENT ON COLUMN dz_sjk.sjkmc IS '数据库名称';
COMMENT ON COLUMN dz_sjk.gys IS '供应商';
COMMENT ON COLUMN dz_sjk.zylx IS '资源类型';
COMMENT ON COLUMN dz_sjk.dqrq IS '授权到期日';
COMMENT ON COLUMN dz_sjk.fwfs IS '访问方式';
INSERT INTO dz_sjk VALUES
    (1, '示例中文期刊全文库', '示例数据公司', '期刊论文', '2025-12-31', '校园网 IP 控制'),
    (2, '示例学位论文库', '示例数据公司', '学位论文', '2025-12-31', '校园网 IP 控制'),
    (3, '职业技能视频库', '示例教育公司', '视频', '2026-06-30', '统一身份认证');

CREATE TABLE dz_dzs (
    dzsid bigint       PRIMARY KEY,
    tm    varchar(200) NOT NULL,
    zrz   varchar(100),
    gs    varchar(10),
    sjkid integer      REFERENCES dz_sjk (sjkid)
);
COMMENT ON TABLE dz_dzs IS '电子图书表';
COMMENT ON COLUMN dz_dzs.dzsid IS '电子图书编号';
COMMENT ON COLUMN dz_dzs.tm IS '题名';
COMMENT ON COLUMN dz_dzs.zrz IS '责任者';
COMMENT ON COLUMN dz_dzs.gs IS '文件格式';
COMMENT ON COLUMN dz_dzs.sjkid IS '所属数据库';
INSERT INTO dz_dzs VALUES
    (1, '电工电子技术（电子版）', '示例编者', 'PDF', 3),
    (2, '软件测试实务（电子版）', '示例编者', 'EPUB', 3);

CREATE TABLE dz_fwtj (
    sjkid integer    NOT NULL REFERENCES dz_sjk (sjkid),
    yf    varchar(7) NOT NULL,
    fwl   integer,
    xzl   integer,
    PRIMARY KEY (sjkid, yf)
);
COMMENT ON TABLE dz_fwtj IS '电子资源访问统计表';
COMMENT ON COLUMN dz_fwtj.sjkid IS '数据库编号';
COMMENT ON COLUMN dz_fwtj.yf IS '月份';
COMMENT ON COLUMN dz_fwtj.fwl IS '访问量';
COMMENT ON COLUMN dz_fwtj.xzl IS '下载量';
INSERT INTO dz_fwtj VALUES
    (1, '2024-09', 5210, 1830), (1, '2024-10', 6120, 2204),
    (2, '2024-10', 1980, 640);

CREATE VIEW v_ts_gctj AS
SELECT d.mc AS dl, count(*) AS cs
  FROM ts_gc g
  JOIN ts_sm s ON s.smid = g.smid
  JOIN ts_dm_ztf d ON d.dm = s.ztf
 GROUP BY d.mc;
COMMENT ON VIEW v_ts_gctj IS '馆藏统计视图（按中图法大类）';
