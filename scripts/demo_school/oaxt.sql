-- 办公自动化与档案系统（oaxt）：公文、会议、印章、日程、电话、信访与电子档案，党政办公室主管
-- 表前缀：oa_ 办公，da_ 档案

CREATE TABLE oa_dm_gwzl (
    dm varchar(2)  PRIMARY KEY,
    mc varchar(20) NOT NULL
);
COMMENT ON TABLE oa_dm_gwzl IS '公文种类码';
COMMENT ON COLUMN oa_dm_gwzl.dm IS '代码';
COMMENT ON COLUMN oa_dm_gwzl.mc IS '名称';
INSERT INTO oa_dm_gwzl VALUES
    ('01', '决定'), ('02', '通知'), ('03', '通报'), ('04', '请示'),
    ('05', '批复'), ('06', '函'), ('07', '纪要');

CREATE TABLE oa_dm_hjcd (
    dm char(1)     PRIMARY KEY,
    mc varchar(10) NOT NULL
);
COMMENT ON TABLE oa_dm_hjcd IS '紧急程度码';
COMMENT ON COLUMN oa_dm_hjcd.dm IS '代码';
COMMENT ON COLUMN oa_dm_hjcd.mc IS '名称';
INSERT INTO oa_dm_hjcd VALUES
    ('0', '平件'), ('1', '加急'), ('2', '特急');

CREATE TABLE oa_fw (
    fwid bigint       PRIMARY KEY,
    fwzh varchar(60),
    bt   varchar(200) NOT NULL,
    gwzl varchar(2)   REFERENCES oa_dm_gwzl (dm),
    hjcd char(1)      DEFAULT 0 REFERENCES oa_dm_hjcd (dm),
    ngdw varchar(10),
    qfr  varchar(60),
    fwrq date,
    sfgk boolean      DEFAULT false
);
COMMENT ON TABLE oa_fw IS '发文登记表';
COMMENT ON COLUMN oa_fw.fwid IS '发文编号';
COMMENT ON COLUMN oa_fw.fwzh IS '发文字号';
COMMENT ON COLUMN oa_fw.bt IS '标题';
COMMENT ON COLUMN oa_fw.gwzl IS '公文种类码';
COMMENT ON COLUMN oa_fw.hjcd IS '紧急程度码';
COMMENT ON COLUMN oa_fw.ngdw IS '拟稿单位代码';
COMMENT ON COLUMN oa_fw.qfr IS '签发人';
COMMENT ON COLUMN oa_fw.fwrq IS '发文日期';
COMMENT ON COLUMN oa_fw.sfgk IS '是否主动公开';
INSERT INTO oa_fw VALUES
    (1, '示院发〔2024〕31 号', '关于做好 2024 年秋季学期开学工作的通知', '02', '0', '101', '院长', '2024-08-20', true),
    (2, '示院发〔2024〕35 号', '关于成立信息化工作专班的决定', '01', '0', '401', '院长', '2024-09-12', false),
    (3, '示院函〔2024〕9 号', '关于开展校企合作的函', '06', '1', '101', '院长', '2024-10-15', false);

CREATE TABLE oa_sw (
    swid bigint       PRIMARY KEY,
    lwdw varchar(100) NOT NULL,
    lwzh varchar(60),
    bt   varchar(200) NOT NULL,
    swrq date,
    nbyj varchar(300)
);
COMMENT ON TABLE oa_sw IS '收文登记表';
COMMENT ON COLUMN oa_sw.swid IS '收文编号';
COMMENT ON COLUMN oa_sw.lwdw IS '来文单位';
COMMENT ON COLUMN oa_sw.lwzh IS '来文字号';
COMMENT ON COLUMN oa_sw.bt IS '标题';
COMMENT ON COLUMN oa_sw.swrq IS '收文日期';
COMMENT ON COLUMN oa_sw.nbyj IS '拟办意见';
INSERT INTO oa_sw VALUES
    (1, '上级主管部门', '示教函〔2024〕22 号', '关于报送质量年度报告的通知', '2024-11-20', '请教学质量监控中心牵头办理'),
    (2, '上级主管部门', '示教函〔2024〕25 号', '关于开展网络安全检查的通知', '2024-12-02', '请信息中心办理');

CREATE TABLE oa_lzjl (
    lzid bigint       PRIMARY KEY,
    fwid bigint       REFERENCES oa_fw (fwid),
    swid bigint       REFERENCES oa_sw (swid),
    blr  varchar(10)  NOT NULL,
    blyj varchar(300),
    blsj timestamp
);
COMMENT ON TABLE oa_lzjl IS '公文流转记录表';
COMMENT ON COLUMN oa_lzjl.lzid IS '流转编号';
COMMENT ON COLUMN oa_lzjl.fwid IS '发文编号';
COMMENT ON COLUMN oa_lzjl.swid IS '收文编号';
COMMENT ON COLUMN oa_lzjl.blr IS '办理人工号';
COMMENT ON COLUMN oa_lzjl.blyj IS '办理意见';
COMMENT ON COLUMN oa_lzjl.blsj IS '办理时间';
INSERT INTO oa_lzjl VALUES
    (1, 1, NULL, 'G1001', '已核稿', '2024-08-19 15:20:00'),
    (2, NULL, 1, 'G3001', '已安排起草', '2024-11-21 09:10:00');

CREATE TABLE oa_hy (
    hyid bigint       PRIMARY KEY,
    hymc varchar(100) NOT NULL,
    hylx varchar(20),
    hysj timestamp,
    dd   varchar(60),
    zcr  varchar(60),
    hyjy text
);
COMMENT ON TABLE oa_hy IS '会议管理表';
COMMENT ON COLUMN oa_hy.hyid IS '会议编号';
COMMENT ON COLUMN oa_hy.hymc IS '会议名称';
COMMENT ON COLUMN oa_hy.hylx IS '会议类型';
COMMENT ON COLUMN oa_hy.hysj IS '会议时间';
COMMENT ON COLUMN oa_hy.dd IS '会议地点';
COMMENT ON COLUMN oa_hy.zcr IS '主持人';
COMMENT ON COLUMN oa_hy.hyjy IS '会议纪要';
INSERT INTO oa_hy VALUES
    (1, '院长办公会第 12 次会议', '院长办公会', '2024-09-10 14:00:00', '行政楼 401', '院长', '（内容略）'),
    (2, '信息化建设推进会', '专题会', '2024-10-16 09:00:00', '图书信息楼 601', '副院长', '（内容略）');

CREATE TABLE oa_hys (
    hysbh varchar(10)  PRIMARY KEY,
    hysmc varchar(40)  NOT NULL,
    rnrs  smallint,
    sbqk  varchar(200)
);
COMMENT ON TABLE oa_hys IS '会议室表';
COMMENT ON COLUMN oa_hys.hysbh IS '会议室编号';
COMMENT ON COLUMN oa_hys.hysmc IS '名称';
COMMENT ON COLUMN oa_hys.rnrs IS '容纳人数';
COMMENT ON COLUMN oa_hys.sbqk IS '设备情况';
INSERT INTO oa_hys VALUES
    ('H401', '行政楼 401 会议室', 30, '视频会议终端'),
    ('H601', '图书信息楼 601 会议室', 20, '投影');

CREATE TABLE oa_yz (
    yzid integer     PRIMARY KEY,
    yzmc varchar(60) NOT NULL,
    yzlx varchar(20),
    bgdw varchar(10),
    qyrq date
);
COMMENT ON TABLE oa_yz IS '印章登记表';
COMMENT ON COLUMN oa_yz.yzid IS '印章编号';
COMMENT ON COLUMN oa_yz.yzmc IS '印章名称';
COMMENT ON COLUMN oa_yz.yzlx IS '印章类型';
COMMENT ON COLUMN oa_yz.bgdw IS '保管单位代码';
COMMENT ON COLUMN oa_yz.qyrq IS '启用日期';
INSERT INTO oa_yz VALUES
    (1, '学校公章', '行政章', '101', '1998-09-01'),
    (2, '教务处章', '部门章', '202', '1998-09-01');

CREATE TABLE oa_yysq (
    sqid bigint       PRIMARY KEY,
    yzid integer      NOT NULL REFERENCES oa_yz (yzid),
    sqr  varchar(10)  NOT NULL,
    yysy varchar(200),
    fs   smallint,
    yysj timestamp
);
COMMENT ON TABLE oa_yysq IS '用印申请表';
COMMENT ON COLUMN oa_yysq.sqid IS '申请编号';
COMMENT ON COLUMN oa_yysq.yzid IS '印章编号';
COMMENT ON COLUMN oa_yysq.sqr IS '申请人工号';
COMMENT ON COLUMN oa_yysq.yysy IS '用印事由';
COMMENT ON COLUMN oa_yysq.fs IS '份数';
COMMENT ON COLUMN oa_yysq.yysj IS '用印时间';
INSERT INTO oa_yysq VALUES
    (1, 1, 'G1001', '校企合作协议盖章', 4, '2024-10-18 10:00:00');

CREATE TABLE oa_rc (
    rcid bigint       PRIMARY KEY,
    ldzw varchar(40)  NOT NULL,
    rcnr varchar(200) NOT NULL,
    kssj timestamp,
    jssj timestamp,
    dd   varchar(60)
);
COMMENT ON TABLE oa_rc IS '领导日程表';
COMMENT ON COLUMN oa_rc.rcid IS '日程编号';
COMMENT ON COLUMN oa_rc.ldzw IS '领导职务';
COMMENT ON COLUMN oa_rc.rcnr IS '日程内容';
COMMENT ON COLUMN oa_rc.kssj IS '开始时间';
COMMENT ON COLUMN oa_rc.jssj IS '结束时间';
INSERT INTO oa_rc VALUES
    (1, '院长', '院长办公会', '2024-09-10 14:00:00', '2024-09-10 17:00:00', '行政楼 401'),
    (2, '副院长', '听课', '2024-09-12 08:00:00', '2024-09-12 09:40:00', '第一教学楼 203');

CREATE TABLE oa_dhhm (
    fjh  varchar(10) PRIMARY KEY,
    bmdm varchar(10) NOT NULL,
    gw   varchar(40),
    bgdd varchar(60),
    sfgk boolean     DEFAULT true
);
COMMENT ON TABLE oa_dhhm IS '办公电话号码表';
COMMENT ON COLUMN oa_dhhm.fjh IS '分机号';
COMMENT ON COLUMN oa_dhhm.bmdm IS '部门代码';
COMMENT ON COLUMN oa_dhhm.gw IS '岗位';
COMMENT ON COLUMN oa_dhhm.bgdd IS '办公地点';
COMMENT ON COLUMN oa_dhhm.sfgk IS '是否公开';
INSERT INTO oa_dhhm VALUES
    ('0001', '101', '综合科', '行政楼 301', true),
    ('0002', '202', '教务科', '行政楼 203', true),
    ('0003', '401', '服务台', '图书信息楼 601', true);

CREATE TABLE oa_xf (
    xfid bigint      PRIMARY KEY,
    xfr  varchar(60),
    xffs varchar(20),
    xfnr text,
    slrq date,
    bljg text
);
COMMENT ON TABLE oa_xf IS '信访登记表';
COMMENT ON COLUMN oa_xf.xfid IS '信访编号';
COMMENT ON COLUMN oa_xf.xfr IS '信访人';
COMMENT ON COLUMN oa_xf.xffs IS '信访方式';
COMMENT ON COLUMN oa_xf.xfnr IS '信访内容';
COMMENT ON COLUMN oa_xf.slrq IS '受理日期';
COMMENT ON COLUMN oa_xf.bljg IS '办理结果';
INSERT INTO oa_xf VALUES
    (1, '匿名', '来信', '反映食堂用餐高峰排队问题', '2024-10-08', '后勤集团已增开窗口');

CREATE TABLE da_wsda (
    dh   varchar(40)  PRIMARY KEY,
    tm   varchar(200) NOT NULL,
    nd   char(4)      NOT NULL,
    bgqx varchar(10),
    ys   integer
);
COMMENT ON TABLE da_wsda IS '文书档案目录表';
COMMENT ON COLUMN da_wsda.dh IS '档号';
COMMENT ON COLUMN da_wsda.tm IS '题名';
COMMENT ON COLUMN da_wsda.nd IS '年度';
COMMENT ON COLUMN da_wsda.bgqx IS '保管期限';
COMMENT ON COLUMN da_wsda.ys IS '页数';
INSERT INTO da_wsda VALUES
    ('WS-2023-DQ-0001', '2023 年党政工作要点', '2023', '永久', 12),
    ('WS-2023-CQ-0016', '2023 年度工作总结', '2023', '30 年', 25);

CREATE TABLE da_rsda (
    dh   varchar(40)  PRIMARY KEY,
    gh   varchar(10)  NOT NULL,
    lb   varchar(40),
    clmc varchar(100),
    xcrq date
);
COMMENT ON TABLE da_rsda IS '干部人事档案目录表';
COMMENT ON COLUMN da_rsda.dh IS '档号';
COMMENT ON COLUMN da_rsda.gh IS '工号';
COMMENT ON COLUMN da_rsda.lb IS '材料类别';
COMMENT ON COLUMN da_rsda.clmc IS '材料名称';
COMMENT ON COLUMN da_rsda.xcrq IS '形成日期';
INSERT INTO da_rsda VALUES
    ('RS-G2003-04', 'G2003', '考核鉴定材料', '年度考核登记表', '2023-12-30'),
    ('RS-G2001-07', 'G2001', '学历学位材料', '学位证书复印件', '2008-07-01');

CREATE TABLE da_xsda (
    dh   varchar(40) PRIMARY KEY,
    xh   varchar(12) NOT NULL,
    zdqx varchar(20),
    zdrq date,
    jyh  varchar(30)
);
COMMENT ON TABLE da_xsda IS '学生档案转递表';
COMMENT ON COLUMN da_xsda.dh IS '档号';
COMMENT ON COLUMN da_xsda.xh IS '学号';
COMMENT ON COLUMN da_xsda.zdqx IS '转递去向';
COMMENT ON COLUMN da_xsda.zdrq IS '转递日期';
COMMENT ON COLUMN da_xsda.jyh IS '机要号或快递单号';
INSERT INTO da_xsda VALUES
    ('XS-2025-0401', '2022040101', '生源地', '2025-07-05', NULL);

CREATE TABLE da_kyda (
    dh   varchar(40)  PRIMARY KEY,
    xmbh varchar(20)  NOT NULL,
    tm   varchar(200) NOT NULL,
    gdrq date
);
COMMENT ON TABLE da_kyda IS '科研档案目录表';
COMMENT ON COLUMN da_kyda.dh IS '档号';
COMMENT ON COLUMN da_kyda.xmbh IS '项目编号';
COMMENT ON COLUMN da_kyda.tm IS '题名';
COMMENT ON COLUMN da_kyda.gdrq IS '归档日期';
INSERT INTO da_kyda VALUES
    ('KY-2024-0012', 'HX2024002', '某型夹具自动化改造技术服务结项材料', '2025-01-20');

CREATE TABLE da_jkda (
    gh   varchar(10)  NOT NULL,
    tjnd char(4)      NOT NULL,
    tjjg varchar(200),
    jwbs text,
    PRIMARY KEY (gh, tjnd)
);
COMMENT ON TABLE da_jkda IS '教职工电子健康档案表';
COMMENT ON COLUMN da_jkda.gh IS '工号';
COMMENT ON COLUMN da_jkda.tjnd IS '体检年度';
COMMENT ON COLUMN da_jkda.tjjg IS '体检结论';
COMMENT ON COLUMN da_jkda.jwbs IS '既往病史';
INSERT INTO da_jkda VALUES
    ('G2001', '2024', '（内容略）', NULL),
    ('G2002', '2024', '（内容略）', NULL);

CREATE TABLE da_jjda (
    dh   varchar(40)  PRIMARY KEY,
    xmbh varchar(20),
    tm   varchar(200) NOT NULL,
    gdrq date
);
COMMENT ON TABLE da_jjda IS '基建与设备档案目录表';
COMMENT ON COLUMN da_jjda.dh IS '档号';
COMMENT ON COLUMN da_jjda.xmbh IS '项目编号';
COMMENT ON COLUMN da_jjda.tm IS '题名';
COMMENT ON COLUMN da_jjda.gdrq IS '归档日期';
INSERT INTO da_jjda VALUES
    ('JJ-2022-0003', 'JJ2022-03', '学生公寓修缮竣工图', '2022-12-20');

CREATE VIEW v_oa_gkwj AS
SELECT fwid, fwzh, bt, fwrq FROM oa_fw WHERE sfgk;
COMMENT ON VIEW v_oa_gkwj IS '主动公开文件视图';
